//! comfy.
