'use strict'

/** The simulated network, for `npm start` and for the tests. */
module.exports = {
  ...require('./network'),
  ...require('./daemon'),
  ...require('./wait'),
  blobs: require('./blob'),
  faults: require('./faults')
}
