//! What a download costs the server.
fn main() {
    divan::main();
}
