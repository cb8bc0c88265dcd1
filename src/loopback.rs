//! loopback.
pub struct Options {
    pub listen: std::net::SocketAddr,
    pub version: Imitates,
    pub step: std::time::Duration,
    pub seed: u64,
    pub faults: Vec<u8>,
    pub files: std::path::PathBuf,
    pub name: String,
}
pub enum Imitates {
    V0_25_0,
}
#[derive(Debug)]
pub struct Running {
    pub addr: std::net::SocketAddr,
}
impl Running {
    pub async fn stop(self) {}
}
pub async fn start(_o: Options) -> Result<Running, String> {
    Err(String::new())
}
