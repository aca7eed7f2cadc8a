'use strict'

// What others know of what the package is made of, as rules on what their programs print. They may be out of reach, which is no
// fault of the package: then that is said instead. Whoever publishes has to have asked them.

/** @typedef {{ code: number | null, output: string }} Run what a program ended with, and what it printed */
/** @typedef {{ wrong: string | null, said: string | null }} Finding what is wrong, or what was not looked at */

const FINE = Object.freeze({ wrong: null, said: null })
const NO_DATABASE = /failed to fetch advisory database/
/** No network to the registry or to those who vouch for its keys, or a registry that has none. */
const NO_KEYS = /npm error code (ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH|ETIMEDOUT)|installed from a supported registry/

/** Of `cargo deny check advisories`. @param {Run} run @returns {Finding} */
function advisories ({ code, output }) {
  if (code === 0) return FINE
  if (NO_DATABASE.test(output)) return { wrong: null, said: 'advisories were not looked at, since their database cannot be reached from here' }
  return { wrong: `cargo-deny tells of advisories:\n${output}`, said: null }
}

/** Of `npm audit signatures`. @param {Run} run @returns {Finding} */
function signatures ({ code, output }) {
  if (code === 0) return FINE
  if (NO_KEYS.test(output)) return { wrong: null, said: 'signatures were not looked at, since the keys for them cannot be had here' }
  return { wrong: `npm tells of signatures:\n${output}`, said: null }
}

module.exports = { advisories, signatures }
