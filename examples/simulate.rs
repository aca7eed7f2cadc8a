//! `npm run sim`: how pools fare in simulated networks, by the way in which they choose their daemon. See `tests/simulator`.

#[path = "../tests/simulator/mod.rs"]
mod simulator;

use std::{env, fs, process::ExitCode};

use simulator::{climate::Climate, json::json, run, strips::svg, table::table};

const USAGE: &str = "\
usage: npm run sim -- weeks|harsh|regions [options]

  weeks          100 weeks in which each daemon fails about twice a day
  harsh          2,000 worlds of 10 minutes in which something is wrong at nearly all times
  regions        300 worlds of an hour in which daemons are slow and blocks are under way for seconds
  --seed N       play other worlds (default 1)
  --worlds N     play so many instead
  --json         print one JSON object
  --svg FILE     draw the first world as strips into a file
  --help         print this";

/// What the command line asks for.
struct Options {
    climate: Climate,
    worlds: u64,
    seed: u64,
    json: bool,
    svg: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match Options::read(&args).and_then(|options| options.play()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(mistake) => {
            eprintln!("{mistake}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

impl Options {
    fn read(args: &[String]) -> Result<Self, String> {
        let mut args = args.iter();
        let (climate, worlds) = match args.next().map(String::as_str) {
            Some("weeks") => (Climate::week(), 100),
            Some("harsh") => (Climate::harsh(), 2_000),
            Some("regions") => (Climate::regions(), 300),
            Some(other) => return Err(format!("there is no '{other}'")),
            None => return Err("say which worlds".into()),
        };
        let mut options = Self { climate, worlds, seed: 1, json: false, svg: None };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--seed" => options.seed = number(arg, args.next())?,
                "--worlds" => options.worlds = number(arg, args.next())?.max(1),
                "--json" => options.json = true,
                "--svg" => options.svg = Some(args.next().ok_or("--svg needs a file's name")?.clone()),
                other => return Err(format!("there is no option '{other}'")),
            }
        }
        Ok(options)
    }

    fn play(&self) -> Result<(), String> {
        if let Some(file) = &self.svg {
            self.draw(file)?;
        }
        let outcome = run::play(&self.climate, self.seed, self.worlds);
        match self.json {
            true => println!("{}", json(&outcome)),
            false => print!("{}", table(&outcome, &self.climate)),
        }
        Ok(())
    }

    fn draw(&self, file: &str) -> Result<(), String> {
        let strips = run::play_world(&self.climate, self.seed, 0, true).strips;
        let title = format!("What a pool mines on, by the way it chooses its daemon; seed {}", self.seed);
        let text = strips.map(|strips| svg(&strips, self.climate.length, &title)).unwrap_or_default();
        fs::write(file, text).map_err(|error| format!("cannot write {file}: {error}"))
    }
}

fn number(option: &str, text: Option<&String>) -> Result<u64, String> {
    let text = text.map_or("", String::as_str);
    text.parse().map_err(|_| format!("{option} needs a whole number, not '{text}'"))
}
