'use strict'

// What has to be gone when this process is, however it ends: its daemons and their folders.

/** @type {Set<() => void>} */
const pending = new Set()
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }

/**
 * Has something done at the latest when this process ends.
 * @param {() => void} undo  must not wait; runs once
 * @returns {() => void}  does it now
 */
function atTheLatest (undo) {
  if (pending.size === 0) listen()
  const now = () => {
    if (pending.delete(now)) undo()
  }
  pending.add(now)
  return now
}

function listen () {
  process.removeListener('exit', undoAll)
  process.on('exit', undoAll)
  for (const signal of Object.keys(SIGNALS)) {
    process.removeListener(signal, leave)
    process.on(signal, leave)
  }
}

function undoAll () {
  // The last thing made goes first: a daemon before the folder that it writes to.
  for (const undo of [...pending].reverse()) undo()
}

/** Without a listener a signal would end the process without its event 'exit'. */
function leave (signal) {
  process.exit(128 + SIGNALS[signal])
}

module.exports = { atTheLatest }
