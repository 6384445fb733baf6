//! The simulated UICC: file system, access rules, PINs, channels, authentication, toolkit frame
