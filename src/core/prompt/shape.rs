//! Parts to a prompt in a target's own form and length.

mod fit;
mod lead_tags;

use super::brief::Brief;
use super::target::{Limits, Negatives, Shape, Target};
use super::{Ask, Dropped, Form, english};

pub(super) use fit::words;

/// One part of a prompt. A higher `weight` stays longer when room runs out; 0 goes first, 9 never goes.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) weight: u8,
}

fn part(name: &'static str, weight: u8, text: impl Into<String>) -> Part {
    Part {
        name,
        text: text.into(),
        weight,
    }
}

fn sentence(name: &'static str, weight: u8, text: &str) -> Part {
    let text = if text.is_empty() || text.ends_with(['.', '!', '?']) {
        text.to_owned()
    } else {
        format!("{text}.")
    };
    part(name, weight, text)
}

/// A prompt and what had to stay out of it.
pub(super) struct Shaped {
    pub(super) prompt: String,
    pub(super) dropped: Vec<Dropped>,
}

/// Gives the parts the form of the target.
pub(super) fn shape(ask: &Ask<'_>, brief: &Brief, negatives: &[String]) -> Shaped {
    let limits = ask.target.limits();
    let mut dropped = Vec::new();
    let (parts, joint) = match (ask.form, ask.target.shape()) {
        (Form::MotionOnly, _) | (Form::Full, Shape::Motion) if limits.video => {
            (motion(brief, limits), " ")
        }
        (_, Shape::Paragraph | Shape::Motion) => (paragraph(brief, limits), " "),
        (_, Shape::LeadTags) => (lead_tags::parts(brief), " "),
        (_, Shape::Formula) => (formula(brief), " "),
        (_, Shape::CameraFirst) => (camera_first(brief), " "),
        (_, Shape::Still) => (still(brief), " "),
        (_, Shape::Tags | Shape::Parameters) => (tags(brief), ", "),
    };
    if !limits.video {
        dropped.extend(brief.moves.iter().map(|m| Dropped {
            text: m.clone(),
            reason: format!("{} makes a still picture", ask.target.title()),
        }));
    }
    let tail = if ask.target.shape() == Shape::Parameters {
        parameters(ask, negatives)
    } else {
        String::new()
    };
    let (body, cut) = fit::fit(parts, joint, ask.target);
    dropped.extend(cut);
    Shaped {
        prompt: format!("{body}{tail}"),
        dropped,
    }
}

fn sentences(name: &'static str, weight: u8, all: &[String]) -> Vec<Part> {
    all.iter()
        .map(|text| sentence(name, weight, text))
        .collect()
}

fn style_sentence(brief: &Brief) -> String {
    let mut looks = brief.styles.clone();
    looks.extend(
        brief
            .tones
            .iter()
            .filter(|t| !brief.light.to_lowercase().contains(t.as_str()))
            .map(|t| format!("{t} tones")),
    );
    if looks.is_empty() {
        String::new()
    } else {
        format!(
            "The whole picture has {}",
            english::list(&looks.iter().map(|l| look(l)).collect::<Vec<_>>())
        )
    }
}

/// "watercolor style" → "a watercolor style"; "black and white" stays.
fn look(text: &str) -> String {
    if text.ends_with("style")
        || text.ends_with("look")
        || text.ends_with("palette")
        || text.ends_with("effect")
        || text.ends_with("tone")
    {
        format!("{} {text}", english::article(text))
    } else if text.ends_with("tones")
        || text.ends_with("definition")
        || text.ends_with("resolution")
    {
        text.to_owned()
    } else {
        format!("{} {text} look", english::article(text))
    }
}

/// Action, appearance, camera, light, style, then sound where the model makes it: one flowing paragraph.
fn paragraph(brief: &Brief, limits: Limits) -> Vec<Part> {
    let mut parts = sentences("action", 9, &brief.action);
    parts.push(sentence("detail", 1, &brief.detail));
    parts.push(sentence("camera", 6, &brief.camera));
    parts.push(sentence("light", 5, &brief.light));
    parts.push(sentence("style", 7, &style_sentence(brief)));
    parts.push(sentence("atmosphere", 2, &brief.atmosphere));
    if limits.sound {
        parts.push(sentence("sound", 4, &brief.sound));
    }
    flow(parts)
}

/// An LTX-2 paragraph has three to six sentences; the mood gives way first.
fn flow(mut parts: Vec<Part>) -> Vec<Part> {
    parts.retain(|p| !p.text.is_empty());
    while parts.len() > 6 {
        let Some(at) = parts
            .iter()
            .enumerate()
            .filter(|(_, p)| p.weight < 9)
            .min_by_key(|(_, p)| p.weight)
            .map(|(at, _)| at)
        else {
            break;
        };
        parts.remove(at);
    }
    parts
}

/// Subject and motion, scene, shot, camera, light, style, atmosphere (the handbook's formula).
fn formula(brief: &Brief) -> Vec<Part> {
    let mut parts = sentences("action", 9, &brief.action);
    parts.push(sentence("detail", 1, &brief.detail));
    parts.push(sentence("camera", 6, &brief.camera));
    parts.push(sentence("light", 5, &brief.light));
    parts.push(sentence("style", 7, &style_sentence(brief)));
    parts.push(sentence("atmosphere", 3, &brief.atmosphere));
    parts
}

/// `[camera]: [scene]. [details].`
fn camera_first(brief: &Brief) -> Vec<Part> {
    let camera = brief
        .camera
        .trim_start_matches("The camera ")
        .trim_start_matches("the camera ");
    let mut parts = vec![part(
        "camera",
        8,
        format!("{}:", english::capital(&ing_first(camera))),
    )];
    parts.extend(sentences("action", 9, &brief.action));
    parts.push(sentence("style", 7, &style_sentence(brief)));
    parts.push(sentence("light", 5, &brief.light));
    parts.push(sentence("detail", 1, &brief.detail));
    parts
}

/// "follows the puppy" → "camera follows the puppy": the field before the colon is a phrase, not a sentence.
fn ing_first(camera: &str) -> String {
    if camera.starts_with("The ") {
        camera.to_owned()
    } else {
        format!("camera {camera}")
    }
}

/// What moves and how the camera moves; the picture itself is given.
fn motion(brief: &Brief, limits: Limits) -> Vec<Part> {
    let mut parts = sentences("action", 9, &brief.motion);
    parts.push(sentence(
        "small motion",
        if brief.motion.is_empty() { 9 } else { 3 },
        &brief.small_motion,
    ));
    parts.push(sentence("camera", 6, &brief.camera));
    if limits.sound {
        parts.push(sentence("sound", 4, &brief.sound));
    }
    parts.retain(|p| !p.text.is_empty());
    if parts.len() > 4 {
        parts.retain(|p| p.name != "small motion");
    }
    parts
}

/// Subject, action, setting, light, style, camera as prose for a still picture.
fn still(brief: &Brief) -> Vec<Part> {
    let mut parts = sentences("action", 9, &brief.action);
    parts.push(sentence("detail", 2, &brief.detail));
    parts.push(sentence("style", 7, &style_sentence(brief)));
    parts.push(sentence("light", 5, &brief.light));
    parts.push(sentence(
        "camera",
        6,
        &english::capital(&still_camera(brief)),
    ));
    parts.push(sentence("atmosphere", 1, &brief.atmosphere));
    parts
}

fn still_camera(brief: &Brief) -> String {
    let own: Vec<String> = brief.shot.iter().chain(&brief.lens).cloned().collect();
    if own.is_empty() {
        brief.still.clone()
    } else {
        own.join(", ")
    }
}

/// Subject, style, light, camera, quality, separated by commas.
fn tags(brief: &Brief) -> Vec<Part> {
    let mut parts: Vec<Part> = if brief.tags.is_empty() {
        brief
            .action
            .iter()
            .map(|a| part("action", 9, a.trim_end_matches('.')))
            .collect()
    } else {
        brief
            .tags
            .iter()
            .map(|t| part("action", 9, t.as_str()))
            .collect()
    };
    parts.extend(brief.styles.iter().map(|s| part("style", 8, s.as_str())));
    parts.extend(brief.tones.iter().map(|t| part("tone", 7, t.as_str())));
    parts.push(part("light", 5, light_tag(&brief.light)));
    parts.push(part("camera", 6, still_camera(brief)));
    parts.extend(brief.quality.iter().map(|q| part("quality", 2, q.as_str())));
    parts
}

/// "Soft overcast light reflects off …" → "soft overcast light".
fn light_tag(light: &str) -> String {
    let text = light.split_once(" light").map_or(light, |(lead, _)| lead);
    let text = text.trim_start_matches("The ");
    if text.contains(' ') && text.len() < 40 && light.contains(" light") && !text.ends_with("is") {
        format!("{} light", text.to_lowercase())
    } else {
        String::new()
    }
}

/// `--ar 16:9 --no text, watermark`: parameters come last and the ratio is in whole numbers.
fn parameters(ask: &Ask<'_>, negatives: &[String]) -> String {
    let mut out = String::new();
    if let Some((w, h)) = ask.size.filter(|(w, h)| *w > 0 && *h > 0) {
        let divisor = gcd(w, h);
        out = format!(" --ar {}:{}", w / divisor, h / divisor);
    }
    let no: Vec<&str> = negatives.iter().take(8).map(String::as_str).collect();
    if !no.is_empty() {
        out.push_str(" --no ");
        out.push_str(&no.join(", "));
    }
    out
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Gives the negative text for the target's own field, and what could not go anywhere.
pub(super) fn negative(
    target: Target,
    ask: &Ask<'_>,
    terms: &[String],
) -> (String, Option<Dropped>) {
    match target.limits().negative {
        Negatives::Field => (terms.join(", "), None),
        Negatives::Flag => {
            let rest = terms.get(8..).unwrap_or_default();
            let cut = (!rest.is_empty() && ask.negative.is_some()).then(|| Dropped {
                text: rest.join(", "),
                reason: "--no takes eight terms here; more would dilute the picture".to_owned(),
            });
            (String::new(), cut)
        }
        Negatives::None => {
            let cut = ask
                .negative
                .filter(|n| !n.trim().is_empty())
                .map(|n| Dropped {
                    text: n.to_owned(),
                    reason: format!(
                        "{} takes no negative prompt; say what is there instead",
                        target.title()
                    ),
                });
            (String::new(), cut)
        }
    }
}
