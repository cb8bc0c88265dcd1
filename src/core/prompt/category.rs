//! Which kind of picture an idea asks for.

use serde::{Deserialize, Serialize};

/// Names what an idea is mainly about; decides which template fills what the idea leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Animals lead.
    Animals,
    /// People lead.
    People,
    /// Landscape, weather, sky, plants.
    Nature,
    /// Streets, buildings, traffic.
    City,
    /// Food and drink.
    Food,
    /// Vehicles lead.
    Vehicles,
    /// Sport, dance, fight, chase.
    Action,
    /// A thing shown for itself.
    Objects,
    /// Nothing above.
    #[default]
    Other,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 9] = [
        Self::Animals,
        Self::People,
        Self::Nature,
        Self::City,
        Self::Food,
        Self::Vehicles,
        Self::Action,
        Self::Objects,
        Self::Other,
    ];

    /// Gives the id used in files and JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Animals => "animals",
            Self::People => "people",
            Self::Nature => "nature",
            Self::City => "city",
            Self::Food => "food",
            Self::Vehicles => "vehicles",
            Self::Action => "action",
            Self::Objects => "objects",
            Self::Other => "other",
        }
    }

    /// Finds a category by id.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.id() == id)
    }
}
