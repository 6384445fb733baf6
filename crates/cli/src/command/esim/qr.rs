//! The activation code in a picture of a QR code.

use anyhow::{Context as _, Result, bail};
use rqrr::PreparedImage;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// Longest file that is looked into.
const FILE_LEN_MAX: u64 = 32 << 20;
/// Most points to a side: what cameras have, and no bomb.
const SIDE_MAX: usize = 10_000;
/// What every PNG file begins with.
const PNG: [u8; 4] = [0x89, b'P', b'N', b'G'];
/// What every JPEG file begins with.
const JPEG: [u8; 2] = [0xFF, 0xD8];

/// A picture in shades of grey.
struct Picture {
    width: usize,
    height: usize,
    shades: Vec<u8>,
}

/// Reads the one code in a picture.
pub(super) fn read(path: &Path) -> Result<String> {
    let reading = || format!("cannot read {}", path.display());
    let length = fs::metadata(path).with_context(reading)?.len();
    if length > FILE_LEN_MAX {
        bail!("{} has {length} octets; {FILE_LEN_MAX} are the most", path.display());
    }
    let file = fs::read(path).with_context(reading)?;
    let codes = codes(&file).with_context(|| path.display().to_string())?;
    let mut activation = codes.iter().filter(|code| is_activation_code(code));
    match (activation.next(), activation.next(), codes.first()) {
        (Some(code), None, _) => Ok(code.clone()),
        (Some(_), Some(_), _) => bail!("{} shows several activation codes", path.display()),
        (None, _, Some(_)) => {
            bail!("{}: the QR code is no activation code (LPA:1$…)", path.display())
        }
        (None, _, None) => bail!(
            "{}: no QR code can be read: a sharp picture from straight ahead is needed",
            path.display()
        ),
    }
}

fn is_activation_code(code: &str) -> bool {
    code.trim_ascii().get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("LPA:"))
}

fn codes(file: &[u8]) -> Result<Vec<String>> {
    let picture = if file.starts_with(&PNG) {
        png(file).context("the PNG is damaged")?
    } else if file.starts_with(&JPEG) {
        jpeg(file).context("the JPEG is damaged")?
    } else {
        bail!("a picture in PNG or JPEG is expected")
    };
    let Picture { width, height, shades } = picture;
    let shade = |x: usize, y: usize| shades.get(y * width + x).copied().unwrap_or(u8::MAX);
    let mut prepared = PreparedImage::prepare_from_greyscale(width, height, shade);
    let grids = prepared.detect_grids();
    Ok(grids.into_iter().filter_map(|grid| Some(grid.decode().ok()?.1)).collect())
}

fn check(width: usize, height: usize) -> Result<()> {
    if width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX {
        bail!("{width} times {height} points; {SIDE_MAX} to a side are the most");
    }
    Ok(())
}

fn png(file: &[u8]) -> Result<Picture> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let (width, height) = reader.info().size();
    let (width, height) = (usize::try_from(width)?, usize::try_from(height)?);
    check(width, height)?;
    let mut octets = vec![0; reader.output_buffer_size().context("it is too large")?];
    let info = reader.next_frame(&mut octets)?;
    let samples = info.color_type.samples();
    let shades = octets.chunks_exact(samples).map(shade).collect();
    Ok(Picture { width, height, shades })
}

/// Returns the shade of a point: grey, grey and alpha, colours, or colours and alpha. What is
/// transparent lies on white.
fn shade(point: &[u8]) -> u8 {
    let (colours, alpha) = match point {
        [_] | [_, _, _] => (point, u8::MAX),
        [colours @ .., alpha] => (colours, *alpha),
        [] => (point, 0),
    };
    let sum: u32 = colours.iter().map(|colour| u32::from(*colour)).sum();
    let mean = sum / u32::try_from(colours.len().max(1)).unwrap_or(1);
    let alpha = u32::from(alpha);
    u8::try_from((mean * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

fn jpeg(file: &[u8]) -> Result<Picture> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::Luma)
        .set_max_width(SIDE_MAX)
        .set_max_height(SIDE_MAX);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(file), options);
    let shades = decoder.decode().map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let (width, height) = decoder.dimensions().context("it has no size")?;
    check(width, height)?;
    Ok(Picture { width, height, shades })
}
