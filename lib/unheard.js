'use strict'

/** Milliseconds that a process has to call attach(): pools do that as the first thing. */
const GRACE = 60000

/** What is wrong with how a process of the pool asks, as what follows its name in a sentence; null where nothing is. */
function troubleOf ({ attached, since }, now) {
  if (now - since < GRACE) return null
  if (!attached) return 'has not called attach(), so it asks the primary by itself'
  return null
}

/** What a process is called: what the pool calls it, and its number. */
function nameOfProcess ({ pid, role, worker }) {
  return `${role || (worker === null ? 'master' : `worker ${worker}`)} (pid ${pid})`
}

module.exports = { nameOfProcess, troubleOf }
