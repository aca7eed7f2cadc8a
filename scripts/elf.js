'use strict'

// What a library says of itself: the little of the ELF format that tells where it runs.

const MACHINES = new Map([[62, 'x86_64'], [183, 'aarch64']])

/** The processor that it is made for, as Rust calls it. */
function machineOf (library) {
  const machine = library.readUInt16LE(18)
  return MACHINES.get(machine) || `machine ${machine}`
}

/** The versions of a library's symbols that it asks for, as `[major, minor]`, the newest last. Each is named once, among the names that a loader reads. */
function symbolVersions (library, name) {
  const names = library.toString('latin1').match(new RegExp(`\\0${name}_\\d+(\\.\\d+)+(?=\\0)`, 'g')) || []
  return names.map(each => each.slice(name.length + 2).split('.').map(Number)).sort((one, other) => one[0] - other[0] || one[1] - other[1])
}

module.exports = { machineOf, symbolVersions }
