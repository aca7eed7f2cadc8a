//! Configurations as a pool gives them.

mod accepted;
mod any_json;
mod mistakes;
mod names;

use serde_json::{Value, json};

use super::*;

/// A configuration without any fault, and enough daemons for no warning.
fn pool() -> Value {
    json!({
        "daemon": { "host": "127.0.0.1", "port": 11898 },
        "multiDaemon": {
            "enabled": true,
            "daemons": [
                { "host": "a.example", "port": 11898 },
                { "host": "b.example", "port": 11898 },
                { "host": "c.example", "port": 11898 },
            ],
        },
    })
}

/// That configuration with the value at a path like `/multiDaemon/timeout`, or without it.
fn pool_with(path: &str, value: Option<Value>) -> Value {
    let mut pool = pool();
    let (parent, name) = path.rsplit_once('/').expect("a path");
    let parent = pool.pointer_mut(parent).expect("a parent");
    match (parent, value) {
        (Value::Array(list), Some(value)) => list[name.parse::<usize>().expect("an index")] = value,
        (parent, Some(value)) => parent[name] = value,
        (parent, None) => drop(parent.as_object_mut().expect("an object").remove(name)),
    }
    pool
}

fn read(pool: &Value) -> Result<Config, ConfigError> {
    Config::from_json(&pool.to_string())
}

fn read_with(path: &str, value: Value) -> Config {
    read(&pool_with(path, Some(value))).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn mistakes(pool: &Value) -> Vec<String> {
    read(pool).expect_err("a mistake").mistakes
}

fn endpoints(config: &Config) -> Vec<String> {
    config.daemons.iter().map(|daemon| daemon.endpoint.base_url()).collect()
}
