//! argv to exit status, nothing else.

fn main() -> std::process::ExitCode {
    vrrpd::main(std::env::args_os())
}
