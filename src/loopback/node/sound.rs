//! Silence in a real container: what stands in for rendered sound.

/// Samples per FLAC frame.
const BLOCK: u32 = 4096;

/// Writes a FLAC file of silence.
pub(super) fn flac(samples: u32, channels: u16, rate: u32) -> Vec<u8> {
    let channels = u8::try_from(channels.clamp(1, 2)).unwrap_or(1);
    let mut bytes = b"fLaC".to_vec();
    bytes.extend([0x80, 0, 0, 34]);
    bytes.extend(BLOCK.to_be_bytes().get(2..).unwrap_or(&[]));
    bytes.extend(BLOCK.to_be_bytes().get(2..).unwrap_or(&[]));
    bytes.extend([0; 6]);
    let head =
        u64::from(rate) << 44 | u64::from(channels - 1) << 41 | 15 << 36 | u64::from(samples);
    bytes.extend(head.to_be_bytes());
    bytes.extend([0; 16]);
    let mut left = samples;
    let mut frame = 0;
    while left > 0 {
        let length = left.min(BLOCK);
        bytes.extend(silent_frame(frame, length, channels));
        left -= length;
        frame += 1;
    }
    bytes
}

/// One frame whose channels are each one constant sample.
fn silent_frame(number: u32, length: u32, channels: u8) -> Vec<u8> {
    let mut frame = vec![0xff, 0xf8, 0x70, (channels - 1) << 4 | 0x08];
    let mut buffer = [0; 4];
    let number = char::from_u32(number).unwrap_or('\0');
    frame.extend(number.encode_utf8(&mut buffer).bytes());
    frame.extend(length.wrapping_sub(1).to_be_bytes().get(2..).unwrap_or(&[]));
    frame.push(crc8(&frame));
    for _ in 0..channels {
        frame.extend([0, 0, 0]);
    }
    let check = crc16(&frame);
    frame.extend(check.to_be_bytes());
    frame
}

fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc: u8, byte| {
        (0..8).fold(crc ^ byte, |crc, _| {
            if crc & 0x80 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x07
            }
        })
    })
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 {
                crc << 1
            } else {
                crc << 1 ^ 0x8005
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_flac_format() {
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
    }

    #[test]
    fn half_a_second_of_silence_is_six_frames() {
        let bytes = flac(22_050, 2, 44_100);
        assert!(bytes.starts_with(b"fLaC"));
        let frames = bytes
            .windows(3)
            .filter(|w| *w == [0xff, 0xf8, 0x70])
            .count();
        assert_eq!(frames, 6);
    }
}
