#[runtime::main]
async fn main() -> Result<(), std::io::Error> {
    let port = "80";
    port
}
