//! ffmpeg, ffprobe and ffplay, where they are installed: for what the compiled-in decoder cannot read.
//!
//! Nothing depends on them. No shell is involved, files are named by absolute path behind `file:` (so that a name
//! like `-i.mp4` or `http:x` is only a name), and only local files may be opened by what a playlist points to.

mod answer;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use image::RgbImage;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

use answer::facts;

use super::clip::ClipFacts;
use super::still::read_image;
use crate::core::text::scrub;

/// How long one call may take unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of output that are read; a PNG of an 8K frame has less.
const LARGEST_OUTPUT: u64 = 256 << 20;
/// Bytes of complaints that are read.
const LARGEST_COMPLAINT: u64 = 64 << 10;
/// Lines of complaints that are kept, the last ones.
const LINES_KEPT: usize = 4;

/// Why an outside tool was of no use.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The tool is not on `PATH`.
    #[error("{0} is not installed; install ffmpeg to preview this kind of file")]
    Missing(&'static str),
    /// The tool could not be started or its output not read.
    #[error("cannot run {tool}: {source}")]
    Run {
        /// The tool.
        tool: &'static str,
        /// The cause.
        source: std::io::Error,
    },
    /// The tool took too long and was killed.
    #[error("{tool} gave no answer in {seconds} s and was stopped")]
    Slow {
        /// The tool.
        tool: &'static str,
        /// The limit, in seconds.
        seconds: u64,
    },
    /// The tool refused the file.
    #[error("{tool} cannot read the file: {complaint}")]
    Refused {
        /// The tool.
        tool: &'static str,
        /// Its last lines, scrubbed.
        complaint: String,
    },
    /// The tool answered something else than was asked.
    #[error("{tool} gave an answer that is not understood: {why}")]
    Odd {
        /// The tool.
        tool: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// The tools that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    ffmpeg: Option<PathBuf>,
    ffprobe: Option<PathBuf>,
    ffplay: Option<PathBuf>,
    patience: Duration,
}

impl Tools {
    /// Looks along a `PATH` value; relative entries are passed over, because they change with the folder.
    #[must_use]
    pub fn on_path(path: &std::ffi::OsStr) -> Self {
        let find = |name: &str| {
            let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
            std::env::split_paths(path)
                .filter(|folder| folder.is_absolute())
                .map(|folder| folder.join(&name))
                .find(|file| is_program(file))
        };
        Self {
            ffmpeg: find("ffmpeg"),
            ffprobe: find("ffprobe"),
            ffplay: find("ffplay"),
            patience: PATIENCE,
        }
    }

    /// Looks along the `PATH` of this process.
    #[must_use]
    pub fn find() -> Self {
        Self::on_path(&std::env::var_os("PATH").unwrap_or_default())
    }

    /// Waits at most so long for each call.
    #[must_use]
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where `ffmpeg` is.
    #[must_use]
    pub fn ffmpeg(&self) -> Option<&Path> {
        self.ffmpeg.as_deref()
    }

    /// Where `ffprobe` is.
    #[must_use]
    pub fn ffprobe(&self) -> Option<&Path> {
        self.ffprobe.as_deref()
    }

    /// Where `ffplay` is.
    #[must_use]
    pub fn ffplay(&self) -> Option<&Path> {
        self.ffplay.as_deref()
    }

    /// Asks ffprobe for the facts of a clip in any format it knows.
    ///
    /// # Errors
    /// [`ToolError`].
    pub async fn probe(&self, file: &Path) -> Result<ClipFacts, ToolError> {
        let mut call = Call::new("ffprobe", self.ffprobe())?;
        call.command.args([
            "-v",
            "error",
            "-print_format",
            "json",
            "-show_streams",
            "-show_format",
        ]);
        call.command
            .args(["-protocol_whitelist", "file,pipe"])
            .arg(url(file)?);
        let answer = call.run(self.patience).await?;
        let odd = |why: String| ToolError::Odd {
            tool: "ffprobe",
            why,
        };
        let answer: Value =
            serde_json::from_slice(&answer).map_err(|error| odd(error.to_string()))?;
        facts(&answer).ok_or_else(|| odd("it names no video stream".into()))
    }

    /// Asks ffmpeg for the picture at a moment, scaled to at most `width` pixels across.
    ///
    /// # Errors
    /// [`ToolError`]; a moment past the end is [`ToolError::Odd`].
    pub async fn frame_at(
        &self,
        file: &Path,
        at: Duration,
        width: u32,
    ) -> Result<RgbImage, ToolError> {
        let mut call = Call::new("ffmpeg", self.ffmpeg())?;
        call.command.args([
            "-v",
            "error",
            "-nostdin",
            "-protocol_whitelist",
            "file,pipe",
        ]);
        call.command
            .arg("-ss")
            .arg(format!("{:.6}", at.as_secs_f64()))
            .arg("-i")
            .arg(url(file)?);
        call.command
            .args(["-frames:v", "1", "-an", "-sn", "-dn", "-vf"]);
        call.command
            .arg(format!("scale=w='min({},iw)':h=-2", width.clamp(16, 8192)));
        call.command.args(["-f", "image2pipe", "-c:v", "png", "-"]);
        let picture = call.run(self.patience).await?;
        read_image(&picture).map_err(|error| ToolError::Odd {
            tool: "ffmpeg",
            why: if picture.is_empty() {
                "there is no picture at that moment".into()
            } else {
                error.to_string()
            },
        })
    }
}

/// Names a file so that no tool takes it for an option or an address.
fn url(file: &Path) -> Result<std::ffi::OsString, ToolError> {
    let absolute = std::path::absolute(file).map_err(|source| ToolError::Run {
        tool: "ffmpeg",
        source,
    })?;
    let mut url = std::ffi::OsString::from("file:");
    url.push(absolute);
    Ok(url)
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// One run of a tool.
struct Call {
    tool: &'static str,
    command: Command,
}

impl Call {
    fn new(tool: &'static str, program: Option<&Path>) -> Result<Self, ToolError> {
        let mut command = Command::new(program.ok_or(ToolError::Missing(tool))?);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        Ok(Self { tool, command })
    }

    /// Runs the tool to its end and hands over what it wrote; kills it when it takes too long.
    async fn run(mut self, patience: Duration) -> Result<Vec<u8>, ToolError> {
        let tool = self.tool;
        let failed = |source| ToolError::Run { tool, source };
        let mut child = self.command.spawn().map_err(failed)?;
        match tokio::time::timeout(patience, listen(&mut child)).await {
            Err(_) => Err(ToolError::Slow {
                tool,
                seconds: patience.as_secs(),
            }),
            Ok(Err(source)) => Err(failed(source)),
            Ok(Ok((true, output, _))) => Ok(output),
            Ok(Ok((false, _, complaint))) => Err(ToolError::Refused {
                tool,
                complaint: last_lines(&complaint),
            }),
        }
    }
}

/// Reads both pipes to their end, each up to its limit, and waits: success, output, complaints.
async fn listen(child: &mut Child) -> std::io::Result<(bool, Vec<u8>, Vec<u8>)> {
    let (mut output, mut complaint) = (Vec::new(), Vec::new());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read_output = async {
        match stdout {
            Some(pipe) => pipe.take(LARGEST_OUTPUT).read_to_end(&mut output).await,
            None => Ok(0),
        }
    };
    let read_complaint = async {
        match stderr {
            Some(pipe) => {
                pipe.take(LARGEST_COMPLAINT)
                    .read_to_end(&mut complaint)
                    .await
            }
            None => Ok(0),
        }
    };
    tokio::try_join!(read_output, read_complaint)?;
    let status = child.wait().await?;
    Ok((status.success(), output, complaint))
}

fn last_lines(complaint: &[u8]) -> String {
    let text = String::from_utf8_lossy(complaint);
    let lines: Vec<_> = text
        .lines()
        .map(scrub)
        .filter(|line| !line.trim().is_empty())
        .collect();
    let from = lines.len().saturating_sub(LINES_KEPT);
    lines.get(from..).unwrap_or_default().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::encode;
    use image::Rgb;

    #[test]
    fn only_the_last_lines_of_a_complaint_are_kept_and_none_can_move_the_cursor() {
        let complaint = b"one\ntwo\nthree\nfour\n\n\x1b[2Jfive\r\n";
        assert_eq!(
            last_lines(complaint),
            "two; three; four; [2Jfive ".trim_end()
        );
    }

    #[test]
    fn a_name_that_looks_like_an_option_is_a_file() {
        let url = url(Path::new("-i.mp4")).unwrap().into_string().unwrap();
        assert!(
            url.starts_with("file:")
                && url.ends_with("-i.mp4")
                && url.contains(std::path::MAIN_SEPARATOR)
        );
    }

    #[test]
    fn nothing_is_found_on_an_empty_or_relative_path() {
        for path in ["", ".", "bin:./here"] {
            let tools = Tools::on_path(path.as_ref());
            assert_eq!(
                (tools.ffmpeg(), tools.ffprobe(), tools.ffplay()),
                (None, None, None),
                "{path}"
            );
        }
    }

    #[tokio::test]
    async fn a_missing_tool_is_named() {
        let none = Tools::on_path("".as_ref());
        let error = none.probe(Path::new("x.mp4")).await.unwrap_err();
        assert!(matches!(error, ToolError::Missing("ffprobe")));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_tool_that_hangs_is_stopped_and_one_that_fails_is_quoted() {
        let fakes = concat!(env!("CARGO_MANIFEST_DIR"), "/src/media/ffmpeg/fake");
        let tools = Tools::on_path(fakes.as_ref()).patient_for(Duration::from_millis(50));
        let slow = tools.probe(Path::new("x.mp4")).await.unwrap_err();
        assert!(
            matches!(
                slow,
                ToolError::Slow {
                    tool: "ffprobe",
                    ..
                }
            ),
            "{slow}"
        );
        let tools = tools.patient_for(PATIENCE);
        let refused = tools
            .frame_at(Path::new("x.mp4"), Duration::ZERO, 64)
            .await
            .unwrap_err();
        assert_eq!(
            refused.to_string(),
            "ffmpeg cannot read the file: moov atom not found[2J"
        );
    }

    #[tokio::test]
    async fn the_real_ffmpeg_agrees_with_what_was_encoded() {
        let tools = Tools::find();
        if tools.ffmpeg().is_none() || tools.ffprobe().is_none() {
            eprintln!("not checked: ffmpeg is not installed");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("-비 오는.mp4");
        let frames = (0..24).map(|_| RgbImage::from_pixel(96, 64, Rgb([200, 40, 60])));
        std::fs::write(&file, encode(frames, 23.976).unwrap()).unwrap();
        let facts = tools.probe(&file).await.unwrap();
        assert_eq!(
            (
                facts.width,
                facts.height,
                facts.frames,
                facts.codec.as_str()
            ),
            (96, 64, 24, "h264")
        );
        assert!((facts.fps - 24_000.0 / 1001.0).abs() < 1e-6);
        let frame = tools
            .frame_at(&file, Duration::from_millis(500), 48)
            .await
            .unwrap();
        assert_eq!(frame.dimensions(), (48, 32));
        let Rgb([red, green, blue]) = *frame.get_pixel(24, 16);
        let near = |got: u8, want: u8| got.abs_diff(want) <= 6;
        assert!(
            near(red, 200) && near(green, 40) && near(blue, 60),
            "{red} {green} {blue}"
        );
        assert!(
            tools
                .frame_at(&file, Duration::from_mins(1), 48)
                .await
                .is_err()
        );
    }
}
