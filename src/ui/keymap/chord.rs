//! One key with its modifiers, as keymap files write it: `ctrl-x`, `alt-left`, `f5`, `G`, `space`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, in the one form in which keys are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// The key. A letter carries its own case, so `shift` is never set beside it.
    pub code: KeyCode,
    /// `ctrl`, `alt` and, for keys that are not letters, `shift`.
    pub mods: KeyModifiers,
}

const NAMED: [(&str, KeyCode); 15] = [
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
];

impl Chord {
    /// Brings a key into the one form in which keys are compared.
    #[must_use]
    pub fn new(code: KeyCode, mods: KeyModifiers) -> Self {
        let mut mods = mods & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::BackTab => {
                mods |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(c) => {
                mods -= KeyModifiers::SHIFT;
                if mods.contains(KeyModifiers::CONTROL) {
                    KeyCode::Char(c.to_ascii_lowercase())
                } else {
                    KeyCode::Char(c)
                }
            }
            other => other,
        };
        Self { code, mods }
    }

    /// Reads one word of a keymap file.
    ///
    /// # Errors
    /// Names the word that is no key.
    pub fn read(word: &str) -> Result<Self, String> {
        let mut mods = KeyModifiers::NONE;
        let mut rest = word;
        while let Some((head, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            mods |= match head.to_ascii_lowercase().as_str() {
                "ctrl" | "c" => KeyModifiers::CONTROL,
                "alt" | "a" | "m" => KeyModifiers::ALT,
                "shift" | "s" => KeyModifiers::SHIFT,
                _ => return Err(head.to_owned()),
            };
            rest = tail;
        }
        let mut chars = rest.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            let c = if mods.contains(KeyModifiers::SHIFT) {
                c.to_ascii_uppercase()
            } else {
                c
            };
            return Ok(Self::new(KeyCode::Char(c), mods));
        }
        let lower = rest.to_ascii_lowercase();
        if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == lower) {
            return Ok(Self::new(*code, mods));
        }
        lower
            .strip_prefix('f')
            .and_then(|n| n.parse::<u8>().ok())
            .filter(|n| (1..=12).contains(n))
            .map(|n| Self::new(KeyCode::F(n), mods))
            .ok_or_else(|| rest.to_owned())
    }

    /// Says whether the key writes a character, so that it cannot command while one writes.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self.code, KeyCode::Char(_))
            && !self
                .mods
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }

    /// Says why no terminal can send this key apart from another one, if so.
    #[must_use]
    pub fn twin(&self) -> Option<&'static str> {
        if self.mods != KeyModifiers::CONTROL {
            return None;
        }
        match self.code {
            KeyCode::Char('i') => Some("tab"),
            KeyCode::Char('m') => Some("enter"),
            KeyCode::Char('[') => Some("esc"),
            _ => None,
        }
    }

    /// Lists all words for keys, for "did you mean".
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMED
            .iter()
            .map(|(name, _)| *name)
            .chain(["ctrl", "alt", "shift", "f1"])
    }
}

impl From<KeyEvent> for Chord {
    fn from(key: KeyEvent) -> Self {
        Self::new(key.code, key.modifiers)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (flag, word) in [
            (KeyModifiers::CONTROL, "ctrl-"),
            (KeyModifiers::ALT, "alt-"),
            (KeyModifiers::SHIFT, "shift-"),
        ] {
            if self.mods.contains(flag) {
                out.write_str(word)?;
            }
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return out.write_str(name);
        }
        match self.code {
            KeyCode::Char(c) => write!(out, "{c}"),
            KeyCode::F(n) => write!(out, "f{n}"),
            other => write!(out, "{other:?}"),
        }
    }
}
