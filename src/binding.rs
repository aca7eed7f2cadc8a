//! The addon's native half, as `lib/` sees it: conversions only.
//!
//! Every entry has `catch_unwind`: a panic becomes a JavaScript error instead of the end of the process.

// The derived glue speaks C.
#![allow(unsafe_code)]

use std::{
    ffi::c_void,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    time::Duration,
};

use napi::{
    Env, Error, JsValue, Result, Status,
    bindgen_prelude::{Function, Int32Array, Object, Unknown},
    sys,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking},
};
use napi_derive::napi;
use parking_lot::Mutex;

use crate::{
    config::{Config, DaemonConfig},
    consensus::rules::Rules,
    endpoint::Endpoint,
    engine::Engine,
    rpc::Client,
    status::{Announcement, Change, HostPort, to_json},
};

/// Every mistake in a configuration, given as JSON text; an empty list for a good one.
#[napi(catch_unwind)]
pub fn config_mistakes(config: String) -> Vec<String> {
    Config::from_json(&config).err().map_or_else(Vec::new, |error| error.mistakes)
}

/// Watches the daemons of one configuration.
#[napi]
pub struct Watcher {
    engine: Engine,
    ear: Arc<Ear>,
    env: sys::napi_env,
    scratch: Arc<AtomicI32>,
}

/// The JavaScript function that hears of changes, until it is let go of.
///
/// That happens on its environment's own thread only: when watching stops, with the watcher, or before the environment ends. Node
/// frees the function while it takes an environment down, and whoever lets go of it on another thread in that moment
/// meets freed memory; napi's own guard against that looks away once the last reference is gone.
struct Ear {
    notify: Mutex<Option<Notify>>,
    /// Whether the hook before the environment's end is still to run; it holds a reference until then.
    is_hooked: AtomicBool,
}

impl Ear {
    fn new(env: &Env, notify: Notify) -> Result<Arc<Self>> {
        let ear = Arc::new(Self { notify: Mutex::new(Some(notify)), is_hooked: AtomicBool::new(true) });
        let held = Arc::into_raw(ear.clone());
        // SAFETY: the hook, or whoever takes it back, gives up the reference that it is called with.
        let status =
            unsafe { sys::napi_add_env_cleanup_hook(env.raw(), Some(close_before_end), held.cast_mut().cast()) };
        if status != sys::Status::napi_ok {
            // SAFETY: there is no hook that could give it up.
            drop(unsafe { Arc::from_raw(held) });
            return Err(Error::new(Status::from(status), "no cleanup hook"));
        }
        Ok(ear)
    }

    fn tell(&self, changes: &[Change]) {
        let json = to_json(&Announcement::new(changes));
        if let Some(notify) = &*self.notify.lock() {
            notify.call(json, NonBlocking);
        }
    }

    /// Hears nothing from now on. To be called on the environment's thread.
    fn close(self: &Arc<Self>, env: sys::napi_env) {
        self.notify.lock().take();
        if self.is_hooked.swap(false, Ordering::Relaxed) {
            let held = Arc::as_ptr(self);
            // SAFETY: the hook has not run, so it is known by this pointer, which holds a reference.
            unsafe {
                sys::napi_remove_env_cleanup_hook(env, Some(close_before_end), held.cast_mut().cast());
                drop(Arc::from_raw(held));
            }
        }
    }
}

/// Runs before Node's own hook for the function, which was there first.
unsafe extern "C" fn close_before_end(held: *mut c_void) {
    // SAFETY: it is called once, with the reference that it was made for.
    let ear = unsafe { Arc::from_raw(held.cast::<Ear>()) };
    ear.is_hooked.store(false, Ordering::Relaxed);
    ear.notify.lock().take();
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.ear.close(self.env);
    }
}

/// Where requests are taken.
#[napi(object)]
pub struct Gateway {
    /// An address.
    pub host: String,
    /// A port.
    pub port: u16,
}

/// Where the pool sends its requests.
#[napi(object)]
pub struct Daemon {
    /// Host name or address.
    pub host: String,
    /// RPC port.
    pub port: u16,
    /// Whether over https.
    pub tls: bool,
}

#[napi]
impl Watcher {
    /// Starts watching; `listener` is called with JSON text, `changes` and the `status` since where one
    /// of them tells it, after each decision that changed something.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, config: String, listener: Function<'_, String, ()>) -> Result<Self> {
        let config = parse(&config)?;
        let ear = Ear::new(&env, listener.build_threadsafe_function().weak::<true>().build()?)?;
        let heard = ear.clone();
        let tell = move |changes: &[Change]| heard.tell(changes);
        let connect =
            |daemon: &DaemonConfig, rules: &Rules| Client::of(daemon, rules.timeout).with_freshness(rules.freshness());
        let engine = Engine::start(config, connect, tell).map_err(|error| {
            ear.close(env.raw());
            Error::from_reason(error.to_string())
        })?;
        Ok(Self { engine, ear, env: env.raw(), scratch: Arc::default() })
    }

    /// The daemon to use now.
    #[napi(catch_unwind)]
    pub fn current(&self) -> Daemon {
        let Endpoint { host, port, tls } = self.engine.current();
        Daemon { host, port, tls }
    }

    /// The last snapshot, as JSON text.
    #[napi(catch_unwind)]
    pub fn status(&self) -> String {
        to_json(&*self.engine.status())
    }

    /// What the last snapshot warns of.
    #[napi(catch_unwind)]
    pub fn warnings(&self) -> Vec<String> {
        self.engine.status().warnings.clone()
    }

    /// Whether the pool should not trust orphan marks now.
    #[napi(catch_unwind)]
    pub fn holds(&self) -> bool {
        self.engine.status().hold
    }

    /// Where the pool's own processes send their requests; null without a gateway.
    #[napi(catch_unwind)]
    pub fn gateway(&self) -> Option<Gateway> {
        self.engine.status().gateway.clone().map(|HostPort { host, port }| Gateway { host, port })
    }

    /// What only metrics and the status page need, as JSON text; null once it is stopped.
    #[napi(catch_unwind)]
    pub fn figures(&self) -> Option<String> {
        self.engine.figures().map(|figures| to_json(&figures))
    }

    /// One number in memory shared with this library: it moves after every switch.
    #[napi(catch_unwind)]
    pub fn generation(&self) -> Int32Array {
        shared_with_javascript(self.engine.generation())
    }

    /// A number of the same kind that nobody else uses, to try out whether memory is really shared.
    #[napi(catch_unwind)]
    pub fn scratch(&self) -> Int32Array {
        shared_with_javascript(self.scratch.clone())
    }

    /// Writes the scratch number and gives what was there before.
    #[napi(catch_unwind)]
    pub fn swap_scratch(&self, value: i32) -> i32 {
        self.scratch.swap(value, Ordering::AcqRel)
    }

    /// Polls every daemon now; the listener hears of it under the same number.
    #[napi(catch_unwind)]
    pub fn refresh(&self, request: u32) {
        self.engine.refresh(request);
    }

    /// Takes a daemon out of use, or back into it. False where it is not watched, or after the end of watching.
    #[napi(catch_unwind)]
    pub fn drain(&self, host: String, port: u16, drained: bool) -> bool {
        self.engine.drain(&host, port, drained)
    }

    /// Uses a daemon for so long, whatever the verdict on it is. False where it is not watched, or after the end of watching.
    #[napi(catch_unwind)]
    pub fn pin(&self, host: String, port: u16, milliseconds: u32) -> bool {
        self.engine.pin(&host, port, Duration::from_millis(milliseconds.into()))
    }

    /// Ends the pin, if there is one.
    #[napi(catch_unwind)]
    pub fn unpin(&self) {
        self.engine.unpin();
    }

    /// Goes on with another configuration; a bad one changes nothing.
    #[napi(catch_unwind)]
    pub fn reconfigure(&self, config: String) -> Result<()> {
        self.engine.reconfigure(parse(&config)?);
        Ok(())
    }

    /// Whether clients are connected to the gateway: after `stop` these are the ones whose requests are under way.
    #[napi(catch_unwind)]
    pub fn is_busy(&self) -> bool {
        self.engine.is_busy()
    }

    /// Whether there is a block of which it is not known yet what becomes of it, also after `stop`.
    #[napi(catch_unwind)]
    pub fn is_submitting(&self) -> bool {
        self.engine.is_submitting()
    }

    /// Ends all polling; the last snapshot stays.
    #[napi(catch_unwind)]
    pub fn stop(&self) {
        self.engine.stop();
        self.ear.close(self.env);
    }
}

fn parse(config: &str) -> Result<Config> {
    Config::from_json(config).map_err(|error| Error::new(Status::InvalidArg, error.to_string()))
}

/// A reference to a JavaScript object that does not keep it alive: `WeakRef` for Node.js before 14.6.
#[napi]
pub struct Weak {
    env: sys::napi_env,
    reference: sys::napi_ref,
}

#[napi]
impl Weak {
    /// Refers to an object.
    #[napi(constructor, catch_unwind)]
    pub fn new(env: Env, target: Object<'_>) -> Result<Self> {
        let mut reference = std::ptr::null_mut();
        // SAFETY: both handles belong to the call under way; a count of 0 makes the reference weak.
        let status = unsafe { sys::napi_create_reference(env.raw(), target.raw(), 0, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Error::new(Status::from(status), "no weak reference"));
        }
        Ok(Self { env: env.raw(), reference })
    }

    /// The object, or null once it has been collected.
    #[napi(catch_unwind)]
    pub fn deref(&self) -> Option<Unknown<'_>> {
        let mut value = std::ptr::null_mut();
        // SAFETY: called from JavaScript, on the thread of the environment that the reference belongs to.
        let status = unsafe { sys::napi_get_reference_value(self.env, self.reference, &mut value) };
        let found = status == sys::Status::napi_ok && !value.is_null();
        // SAFETY: the handle was just made in this environment.
        found.then(|| unsafe { Unknown::from_raw_unchecked(self.env, value) })
    }
}

impl Drop for Weak {
    fn drop(&mut self) {
        // SAFETY: runs in this object's finaliser, on the environment's thread, and only once.
        unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

/// Weak, so that watching alone does not keep the process alive.
type Notify = ThreadsafeFunction<String, (), String, Status, false, true>;

/// A view of a number that lives in Rust, kept alive until JavaScript has collected the view.
fn shared_with_javascript(number: Arc<AtomicI32>) -> Int32Array {
    let data = number.as_ptr();
    // SAFETY: the pointer stays valid until the notification drops its `Arc`. Both sides touch the number as one aligned
    // 32-bit word, and JavaScript only compares what it read, so it needs no ordering.
    unsafe { Int32Array::with_external_data(data, 1, move |_, _| drop(number)) }
}
