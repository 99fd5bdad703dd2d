//! README, `.ci/setup` and `.ci/run` say the same commands.

/// The fenced commands under a heading of README.md.
fn commands(heading: &str) -> Vec<String> {
    let text = include_str!("../README.md");
    let section = text.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("README has no `## {heading}`")).1;
    let section = section.split_once("\n## ").map_or(section, |(own, _)| own);
    let block = section.split("```").nth(1).expect("a fenced block");
    block.lines().skip(1).map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
}

#[test]
fn continuous_integration_runs_the_command_of_the_readme() {
    let tests = commands("Run the tests");
    assert_eq!(tests.len(), 1, "{tests:?}");
    assert!(include_str!("../.ci/run").lines().any(|line| line.trim() == tests[0]), "{}", tests[0]);
    let demo = commands("Try it");
    assert_eq!(demo.len(), 1, "{demo:?}");
    assert!(demo[0].starts_with("sh .ci/setup demo && cargo run --release -- demo "), "{}", demo[0]);
}

#[test]
fn both_readmes_name_every_command() {
    let (english, chinese) = (include_str!("../README.md"), include_str!("../README.zh-CN.md"));
    let help = String::from_utf8(crate::support::anjuan(&["--help"]).stdout).unwrap();
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1).take_while(|line| !line.is_empty());
    let names: Vec<&str> = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty()).collect();
    assert!(names.len() > 12, "{help}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let command = format!("anjuan {name}");
        assert!(english.contains(&command) && chinese.contains(&command), "{command}");
    }
}
