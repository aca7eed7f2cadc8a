'use strict'

const { createHash } = require('crypto')
const fs = require('fs')
const path = require('path')

/** Beside a file that was edited lies what it was before, under a name that tells what was written: `init.js.before-edits-0123456789abcdef`. */
const BACKUP = '.before-edits-'
const NEW = '.new-edits'

/** What stands in the way of a change; one line for each. Files that were changed nevertheless, because they could not be put back, are `left`. */
class Obstacle extends Error {
  constructor (message, left = []) {
    super(message)
    this.left = left
  }
}

/** The bytes of a file in a pool's folder; null where there is none. */
function readIn (folder, name) {
  const file = path.join(folder, name)
  try {
    if (!fs.statSync(file).isFile()) return null
    return fs.readFileSync(file)
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw new Obstacle(`${name}: cannot be read: ${wordsFor(error)}`)
  }
}

/** Why a file may not be replaced; null where it may. */
function obstacleTo (folder, name) {
  const file = path.join(folder, name)
  const real = fs.realpathSync(file)
  if (real !== path.join(fs.realpathSync(folder), name)) return `${name}: is a symbolic link to ${real}: edit the pool whose file that is`
  // Whoever may do everything, as root, may write such a file too; it was made so for a reason.
  if ((fs.statSync(file).mode & 0o222) === 0 || !isWritable(file)) return `${name}: is read-only`
  return null
}

function isWritable (file) {
  return succeeds(() => fs.accessSync(file, fs.constants.W_OK))
}

/** Replaces all files of a folder that are edited, or none: `{ name, before, after }`, which are bytes. What was before is kept beside each. */
function write (folder, files) {
  const steps = files.map(({ name, before, after }) => ({ name, before, after, backup: `${name}${BACKUP}${markOf(after)}` }))
  inPlace(folder, steps, () => steps.forEach(({ name, before, backup }) => create(folder, backup, before, name)))
  return steps.map(({ backup }) => backup)
}

/** The files among these names that were edited, each with the bytes it had at first, and the backups that this takes; `changed` are those that somebody has edited since. */
function undoable (folder, names) {
  const edited = names.map(name => chainOf(folder, name)).filter(({ backups }) => backups.length > 0)
  return { files: edited.filter(({ used }) => used.length > 0), changed: edited.filter(file => file.used.length === 0 && !isOneOf(folder, file)) }
}

/** A file may have been edited more than once, by versions of this command that do more. */
function chainOf (folder, name) {
  const before = readIn(folder, name)
  const backups = backupsOf(folder, name)
  const used = []
  let after = before
  while (after) {
    const backup = `${name}${BACKUP}${markOf(after)}`
    if (!backups.includes(backup) || used.includes(backup)) break
    used.push(backup)
    after = readIn(folder, backup)
  }
  return { name, before, after, backups, used }
}

/** Somebody has put a file back by hand. */
function isOneOf (folder, { before, backups }) {
  return before !== null && backups.some(backup => before.equals(readIn(folder, backup)))
}

function backupsOf (folder, name) {
  const { dir, base } = path.parse(name)
  let all
  try {
    all = fs.readdirSync(path.join(folder, dir))
  } catch (error) {
    return []
  }
  return all.filter(other => other.startsWith(base + BACKUP)).map(other => path.posix.join(dir, other))
}

/** Gives all files what they had at first, or none. */
function restore (folder, files) {
  inPlace(folder, files, () => {})
  for (const { used } of files) used.forEach(backup => remove(folder, backup))
}

/** Each step `{ name, before, after, backup }`: first everything is written beside the files, then the new ones take their places. */
function inPlace (folder, steps, prepare) {
  const replaced = []
  try {
    prepare()
    for (const { name, after } of steps) create(folder, name + NEW, after, name)
    for (const step of steps) {
      if (!step.before.equals(fs.readFileSync(path.join(folder, step.name)))) throw new Obstacle(`${step.name}: was changed by somebody else in this moment`)
      fs.renameSync(path.join(folder, step.name + NEW), path.join(folder, step.name))
      replaced.push(step)
    }
  } catch (error) {
    const left = takeBack(folder, steps, replaced)
    const reason = error instanceof Obstacle ? error.message : `${path.relative(folder, error.path || folder)}: cannot be written: ${wordsFor(error)}`
    throw new Obstacle([reason].concat(left.map(({ name, backup }) => `${name}: could not be put back${backup ? `; what it was is in ${backup}` : ''}`)).join('\n'), left)
  }
}

/** Gives the steps of files that could not be put back. */
function takeBack (folder, steps, replaced) {
  const left = replaced.filter(({ name, before }) => !succeeds(() => {
    create(folder, name + NEW, before, name)
    fs.renameSync(path.join(folder, name + NEW), path.join(folder, name))
  }))
  for (const step of steps) {
    succeeds(() => remove(folder, step.name + NEW))
    if (step.backup && !left.includes(step)) succeeds(() => remove(folder, step.backup))
  }
  return left
}

function succeeds (action) {
  try {
    action()
    return true
  } catch (error) {
    return false
  }
}

/** A file on the disk that belongs to whom another belongs, with the same rights. */
function create (folder, name, bytes, like) {
  const { mode, uid, gid } = fs.statSync(path.join(folder, like))
  const file = path.join(folder, name)
  remove(folder, name)
  const descriptor = fs.openSync(file, 'wx', mode & 0o777)
  try {
    const own = fs.fstatSync(descriptor)
    if (own.uid !== uid || own.gid !== gid) fs.fchownSync(descriptor, uid, gid)
    fs.fchmodSync(descriptor, mode & 0o777)
    fs.writeFileSync(descriptor, bytes)
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function remove (folder, name) {
  try {
    fs.unlinkSync(path.join(folder, name))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function markOf (bytes) {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

const WORDS = { EACCES: 'permission denied', EPERM: 'permission denied', EROFS: 'the file system is read-only', ENOSPC: 'the disk is full' }

function wordsFor (error) {
  return WORDS[error.code] || error.message
}

module.exports = { Obstacle, obstacleTo, readIn, restore, undoable, write }
