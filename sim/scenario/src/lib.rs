//! Scenario files: parse, check, run, report
