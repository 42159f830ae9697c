//! The pages are embedded when the indexer is built: built anew, they are embedded anew.

fn main() {
    println!("cargo::rerun-if-changed=../web/dist");
}
