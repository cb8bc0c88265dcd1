//! Cinema engine: catalogue, configuration, rules, findings.
