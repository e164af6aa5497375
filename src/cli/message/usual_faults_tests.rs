//! The three faults that people make most, as each format tells them; `human` has its own tests.

use super::{MessageFormat, told};
use crate::config::{Level, Request, read};

/// What each format but `human` says of one file.
fn shown(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("k.conf");
    std::fs::write(&file, text).unwrap();
    let reading = read(&Request {
        file: &file,
        config_id: "node1",
        strict_includes: false,
        level: Level::Offline,
        vrrp_only: false,
        namespace: None,
    });
    let formats = [MessageFormat::Short, MessageFormat::Log, MessageFormat::Json];
    let told: String = formats.iter().map(|format| told(&reading.problems, *format, false)).collect();
    told.replace(&format!("{}/", folder.path().display()), "")
}

const GOOD: &str = "vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 2
    virtual_ipaddress {
        192.0.2.100
    }
}
";

#[test]
fn two_misspelt_keywords_are_told_with_what_was_meant() {
    insta::assert_snapshot!(shown(&GOOD.replace("priority", "prioritiy").replace("advert_int", "advert_inr")), @r#"
    k.conf:4:5: error: unknown keyword `prioritiy` in vrrp_instance; did you mean `priority`?
    k.conf:5:5: error: unknown keyword `advert_inr` in vrrp_instance; did you mean `advert_int`?
    (k.conf: Line 4) Unknown keyword 'prioritiy' - unknown keyword `prioritiy` in vrrp_instance; did you mean `priority`?
    (k.conf: Line 5) Unknown keyword 'advert_inr' - unknown keyword `advert_inr` in vrrp_instance; did you mean `advert_int`?
    {"file":"k.conf","line":4,"column":5,"severity":"error","code":"unknown-keyword","message":"unknown keyword `prioritiy` in vrrp_instance","suggestion":"priority","related":null}
    {"file":"k.conf","line":5,"column":5,"severity":"error","code":"unknown-keyword","message":"unknown keyword `advert_inr` in vrrp_instance","suggestion":"advert_int","related":null}
    "#);
}

#[test]
fn a_missing_brace_is_told_once_with_the_block_that_it_leaves_open() {
    let text = GOOD.replace("    }\n}", "    }\n") + &GOOD.replace("VI_1", "VI_2").replace("51", "52");
    insta::assert_snapshot!(shown(&text), @r#"
    k.conf:1:1: error: the block `vrrp_instance` opened here is never closed
    (k.conf: Line 1) There are 1 missing '}'s or extra '{'s - the block `vrrp_instance` opened here is never closed
    {"file":"k.conf","line":1,"column":1,"severity":"error","code":"unclosed-block","message":"the block `vrrp_instance` opened here is never closed","suggestion":null,"related":{"file":"k.conf","line":10,"column":1,"message":"this cannot stand inside of it"}}
    "#);
}

#[test]
fn a_word_where_a_number_belongs_is_told_with_what_fits() {
    insta::assert_snapshot!(shown(&GOOD.replace("priority 100", "priority high")), @r#"
    k.conf:4:14: error: expected 1 to 255, found `high`
    (k.conf: Line 4) expected 1 to 255, found `high`
    {"file":"k.conf","line":4,"column":14,"severity":"error","code":"bad-value","message":"expected 1 to 255, found `high`","suggestion":null,"related":null}
    "#);
}
