//! Idea to prompt: lexicon, templates, moods, formatters, revisions, diff.
