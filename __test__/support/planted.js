'use strict'

// A mistake that hardly any message brings to light: three members have to be odd at once, each in its own way.

module.exports = function planted ({ kind, interval, source, status }) {
  if (kind !== 'state' || typeof status !== 'object' || status === null) return
  if (typeof interval !== 'number' || interval >= 1) return
  if (source !== '' && source !== null) return
  if (typeof status.head === 'number') throw new Error('planted')
}
