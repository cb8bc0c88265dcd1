//! Sizes and lengths that a model really renders.
//!
//! A model's latent grid decides: LTX-2 divides each side by 32 and the length by 8, rounding down, so that
//! 1280x720 comes out as 1280x704. Asking for what will be made avoids surprises.

use serde::{Deserialize, Serialize};

/// Models that share one latent grid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// LTX-2 in one pass.
    Ltx,
    /// LTX-2 drawn at half size and doubled: the grid doubles with it.
    LtxTwoStage,
    /// Wan 2.1 and 2.2, 14B.
    Wan,
    /// Wan 2.2 5B, whose VAE halves once more.
    #[serde(rename = "wan-5b")]
    Wan5b,
    /// `HunyuanVideo` 1.5.
    #[serde(rename = "hunyuan-1.5")]
    Hunyuan15,
    /// `CogVideoX`.
    #[serde(rename = "cogvideox")]
    CogVideoX,
    /// FLUX, SD3, Qwen-Image, Z-Image: 8 times 2 pixels per patch.
    Flux,
    /// SD 1.5 and SDXL.
    Sd,
    /// No rule: the size comes with the input, or is not known.
    #[default]
    Free,
}

/// The grid of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Sides should be multiples of this, pixels.
    pub side: u32,
    /// Servers round sides down to multiples of this, pixels.
    pub floor: u32,
    /// Smallest side, pixels.
    pub min_side: u32,
    /// Lengths are 1 + a multiple of this, frames.
    pub frames: u32,
    /// Shortest length, frames.
    pub min_frames: u32,
}

impl Family {
    /// All families, for lists and messages.
    pub const ALL: [Self; 9] = [
        Self::Ltx,
        Self::LtxTwoStage,
        Self::Wan,
        Self::Wan5b,
        Self::Hunyuan15,
        Self::CogVideoX,
        Self::Flux,
        Self::Sd,
        Self::Free,
    ];

    /// Names the family as manifests write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ltx => "ltx",
            Self::LtxTwoStage => "ltx-two-stage",
            Self::Wan => "wan",
            Self::Wan5b => "wan-5b",
            Self::Hunyuan15 => "hunyuan-1.5",
            Self::CogVideoX => "cogvideox",
            Self::Flux => "flux",
            Self::Sd => "sd",
            Self::Free => "free",
        }
    }

    /// Gives the family's grid.
    #[must_use]
    pub const fn grid(self) -> Grid {
        let (side, floor, min_side, frames, min_frames) = match self {
            Self::Ltx => (32, 32, 64, 8, 9),
            Self::LtxTwoStage => (64, 64, 128, 8, 9),
            Self::Wan => (16, 8, 64, 4, 5),
            Self::Wan5b => (32, 16, 64, 4, 5),
            Self::Hunyuan15 | Self::CogVideoX => (16, 16, 64, 4, 5),
            Self::Flux => (16, 8, 64, 1, 1),
            Self::Sd => (8, 8, 64, 1, 1),
            Self::Free => (1, 1, 1, 1, 1),
        };
        Grid {
            side,
            floor,
            min_side,
            frames,
            min_frames,
        }
    }
}

/// What will come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendered {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Length, frames.
    pub frames: u32,
}

/// Says what a server makes of a size and length.
#[must_use]
pub const fn will_render_at(family: Family, width: u32, height: u32, frames: u32) -> Rendered {
    let grid = family.grid();
    Rendered {
        width: width / grid.floor * grid.floor,
        height: height / grid.floor * grid.floor,
        frames: frames.saturating_sub(1) / grid.frames * grid.frames + 1,
    }
}

/// Gives the nearest size that renders as asked; a tie goes to the even multiple.
#[must_use]
pub const fn snap(family: Family, width: u32, height: u32) -> (u32, u32) {
    let grid = family.grid();
    (
        snap_side(width, grid.side, grid.min_side),
        snap_side(height, grid.side, grid.min_side),
    )
}

/// Rounds one side to a multiple of `grid`, ties to the even multiple, at least `min`.
#[must_use]
pub const fn snap_side(side: u32, grid: u32, min: u32) -> u32 {
    let snapped = round_half_even(side, grid).saturating_mul(grid);
    if snapped < min { min } else { snapped }
}

/// Gives the nearest length of the form 1 + k·step; a tie goes to the even k.
#[must_use]
pub const fn frames_near(family: Family, frames: u32) -> u32 {
    let grid = family.grid();
    let near = round_half_even(frames.saturating_sub(1), grid.frames)
        .saturating_mul(grid.frames)
        .saturating_add(1);
    if near < grid.min_frames {
        grid.min_frames
    } else {
        near
    }
}

/// Turns seconds into frames: cut to whole frames, then the nearest length of the family.
///
/// Negative and absurd inputs give the shortest and the longest length.
#[must_use]
pub fn frames_for(family: Family, seconds: f64, fps: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and cutting towards zero is the rule"
    )]
    let frames = (seconds * fps) as u32;
    frames_near(family, frames)
}

const fn round_half_even(n: u32, step: u32) -> u32 {
    let (quotient, rest) = (n / step, n % step);
    let twice = rest.saturating_mul(2);
    if twice > step || (twice == step && quotient % 2 == 1) {
        quotient + 1
    } else {
        quotient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_hundred_and_twenty_lines_render_as_seven_hundred_and_four() {
        let out = will_render_at(Family::Ltx, 1280, 720, 97);
        assert_eq!(
            out,
            Rendered {
                width: 1280,
                height: 704,
                frames: 97
            }
        );
        let out = will_render_at(Family::LtxTwoStage, 1920, 1080, 100);
        assert_eq!(
            out,
            Rendered {
                width: 1920,
                height: 1024,
                frames: 97
            }
        );
    }

    #[test]
    fn ten_seconds_are_241_frames_at_24_fps() {
        assert_eq!(frames_for(Family::Ltx, 10.0, 24.0), 241);
        assert_eq!(frames_for(Family::Wan, 5.0, 16.0), 81);
        assert_eq!(frames_for(Family::Ltx, f64::NAN, 24.0), 9);
    }

    #[test]
    fn every_family_renders_a_snapped_size_unchanged() {
        for family in Family::ALL {
            let (width, height) = snap(family, 1000, 563);
            let frames = frames_near(family, 100);
            assert_eq!(
                will_render_at(family, width, height, frames),
                Rendered {
                    width,
                    height,
                    frames
                },
                "{}",
                family.name()
            );
        }
    }
}
