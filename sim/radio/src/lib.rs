//! The simulated mobile networks: regions, cells, operators, authentication, texts, calls, USSD, data
