//! Drives modems and cards over the HAL.
