'use strict'

/**
 * The Node.js versions that are supported: the oldest one, and the last of each line with long-term support. Each comes
 * with the npm of its time, or the newest that runs on it.
 */
const VERSIONS = [
  { node: '10.20.0', npm: '6.14.18' },
  { node: '10.24.1', npm: '6.14.18' },
  { node: '12.22.12', npm: '6.14.18' },
  { node: '14.21.3', npm: '6.14.18' },
  { node: '16.20.2', npm: '8.19.4' },
  { node: '18.20.8', npm: '10.9.4' },
  { node: '20.20.2', npm: '11.19.1' },
  { node: '22.23.3', npm: '11.19.1' },
  { node: '24.21.0', npm: '11.19.1' }
]

/** Too old, and often met: the image of turtle-pool is made of it. */
const TOO_OLD = '8.17.0'

module.exports = { TOO_OLD, VERSIONS }
