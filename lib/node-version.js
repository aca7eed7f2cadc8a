'use strict'

/** The oldest Node.js that has what the native code needs. */
const OLDEST = [10, 20]

/** Why this Node.js cannot run the addon; nothing where it can. Whoever asks parses on Node 8. */
function mistakeOfVersion () {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return undefined
  return `turtle-pool-multi-daemon needs Node.js ${OLDEST.join('.')} or newer, but this is ${process.version}`
}

module.exports = mistakeOfVersion
