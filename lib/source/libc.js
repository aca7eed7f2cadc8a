'use strict'

const fs = require('fs')

/** What a program's first loaded piece is called with each C library. @type {Array<[string, RegExp]>} */
const LOADERS = [['musl', /\/ld-musl-[^/]*$/], ['glibc', /\/ld(-linux[^/]*|64)\.so\.\d+$/]]

/**
 * The C library that this Node.js uses, `glibc` or `musl`; nothing where that cannot be told. Whoever asks parses on Node 8.
 *
 * The program says it itself, on every version. The report of newer ones is slower, and counts where the program was started by
 * hand through another one.
 */
function libc () {
  if (process.platform !== 'linux') return undefined
  const [name] = LOADERS.find(([, pattern]) => pattern.test(interpreterOf(process.execPath))) || []
  return name || reported()
}

/** The path of the program that starts this one, as its ELF header names it; empty where it names none. */
function interpreterOf (program) {
  let file
  try {
    file = fs.openSync(program, 'r')
    return interpreterIn(file)
  } catch (error) {
    return ''
  } finally {
    if (file !== undefined) fs.closeSync(file)
  }
}

/** Of a 64-bit little-endian ELF, as Node.js is wherever there are binaries. */
function interpreterIn (file) {
  const header = read(file, 0, 64)
  if (header.readUInt32BE(0) !== ELF || header[4] !== ELF_64 || header[5] !== LITTLE_ENDIAN) return ''
  const [start, size, count] = [header.readUInt32LE(32), header.readUInt16LE(54), header.readUInt16LE(56)]
  const segments = read(file, start, size * count)
  for (let at = 0; at < segments.length; at += size) {
    if (segments.readUInt32LE(at) !== PT_INTERP) continue
    const path = read(file, segments.readUInt32LE(at + 8), segments.readUInt32LE(at + 32))
    return path.toString('latin1').replace(/\0.*$/, '')
  }
  return ''
}

const ELF = 0x7f454c46
const ELF_64 = 2
const LITTLE_ENDIAN = 1
const PT_INTERP = 3

/** More than one page is in no header, and what is cut short is no header. */
function read (file, position, length) {
  const bytes = Buffer.alloc(Math.min(length, 4096))
  if (fs.readSync(file, bytes, 0, bytes.length, position) < bytes.length) throw new Error('cut short')
  return bytes
}

function reported () {
  /** The types know neither the option nor what is in a report. @type {any} */
  const report = process.report
  if (!report || !report.getReport) return undefined
  // Otherwise it looks up a name for each connection.
  const before = report.excludeNetwork
  report.excludeNetwork = true
  const { header = {}, sharedObjects = [] } = report.getReport()
  report.excludeNetwork = before
  if (header.glibcVersionRuntime) return 'glibc'
  return sharedObjects.some(file => /\/(ld-musl-|libc\.musl-)|-linux-musl\/libc\.so$/.test(file)) ? 'musl' : undefined
}

module.exports = libc
