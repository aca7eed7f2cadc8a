'use strict'

const path = require('path')

const libc = require('./libc')

const FOLDER = path.join(__dirname, '..', '..', 'prebuilds')

/** For what the package brings a binary: each of these processors with each of these C libraries. */
const ARCHS = ['x64', 'arm64']
const LIBCS = ['glibc', 'musl']

/** The files that the package may bring for this machine, the best guess first. None is named where it brings none. */
function candidates () {
  if (process.platform !== 'linux' || ARCHS.indexOf(process.arch) === -1) return []
  const known = libc()
  return (known ? [known] : LIBCS).map(each => fileFor(process.arch, each))
}

/** Where the binary is for Linux on this processor with this C library, laid out as prebuildify does, so that other tools find it too. */
function fileFor (arch, libc) {
  const name = ['turtle-pool-multi-daemon', ...(arch === 'arm64' ? ['armv8'] : []), libc, 'node'].join('.')
  return path.join(FOLDER, `linux-${arch}`, name)
}

module.exports = { ARCHS, FOLDER, LIBCS, candidates, fileFor }
