//! What can go wrong with a picture or a clip, in words that say what to do next.

/// Why a picture or clip could not be made, read or checked.
///
/// Messages never hold text taken from a file without scrubbing it first.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The frame is smaller or larger than the encoder takes.
    #[error("cannot encode {width}x{height} as H.264: {why}; choose another size")]
    Size {
        /// Width asked for, in pixels.
        width: u32,
        /// Height asked for, in pixels.
        height: u32,
        /// The limit that was passed.
        why: &'static str,
    },
    /// The frame rate is not a number a film can run at.
    #[error("cannot encode at {0} frames per second: choose a rate from 0.1 to 1000")]
    Rate(f64),
    /// A frame has another size than the first one.
    #[error("cannot add a {got:?} frame to a {want:?} clip: every frame has one size")]
    Mixed {
        /// Size of the clip, width then height.
        want: (u32, u32),
        /// Size of the frame, width then height.
        got: (u32, u32),
    },
    /// There was nothing to encode.
    #[error("cannot make a clip of no frames: ask for at least one")]
    NoFrames,
    /// The H.264 library or the muxer refused.
    #[error("cannot encode the clip: {0}")]
    Encode(String),
    /// The bytes contradict their own format.
    #[error("not a whole {what}: {why}; fetch or render it again")]
    Broken {
        /// The format, such as `MP4`.
        what: &'static str,
        /// What is missing or contradictory.
        why: String,
    },
    /// The format is fine, but nothing here can read it.
    #[error("cannot read {what} here; install ffmpeg to preview it")]
    Unsupported {
        /// The codec or container, scrubbed.
        what: String,
    },
    /// A size limit that protects memory was passed.
    #[error("refused {what}: larger than the limit of {limit} bytes")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The disk or pipe failed.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The cause.
        source: std::io::Error,
    },
}

impl Error {
    /// Says what is wrong with a file of some format.
    pub(crate) fn broken(what: &'static str, why: impl Into<String>) -> Self {
        Self::Broken {
            what,
            why: why.into(),
        }
    }
}
