'use strict'

const fs = require('fs')
const path = require('path')

const { count } = require('../../words')
const { diffOf } = require('../edits/diff')
const { Obstacle, obstacleTo, readIn, restore, undoable, write } = require('../edits/files')
const { planFor } = require('../edits/plan')
const { NAME, POOLS, filesOf } = require('../edits/recipes')
const { paintFor } = require('../paint')
const { UsageError } = require('../usage-error')

const summary = 'shows what to edit in a pool\'s sources; with --write it makes the edits'
const operand = 'POOL'
const options = {
  write: { text: 'make the edits, and keep the old files beside the new ones' },
  undo: { text: 'restore the old files' }
}
const details = `POOL is the pool's folder (default: this one). Knows ${POOLS.map(({ name }) => name).join(', ')}, and forks that keep their lines. Shows a diff, and changes
nothing without --write. Exit code: 0, or 1 when the edits cannot be made or undone, with the reason; then no file is changed. 2 for a mistake.`

function run ({ write: isWrite, undo: isUndo, operand: folder = '.' }, { out, err }) {
  if (isWrite && isUndo) throw new UsageError('--write and --undo: give one of them')
  refuseNoFolder(folder)
  try {
    const lines = isUndo ? undone(folder) : made(folder, isWrite, paintFor(out))
    out.write(`${lines.join('\n')}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Obstacle)) throw error
    err.write(`${error.message}\n${error.left.length > 0 ? '' : 'Nothing is changed.\n'}`)
    return 1
  }
}

function refuseNoFolder (folder) {
  let stat = null
  try {
    stat = fs.statSync(folder)
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(error.code)) throw new UsageError(`${folder}: ${error.message}`)
  }
  if (!stat) throw new UsageError(`${folder}: the folder does not exist`)
  if (!stat.isDirectory()) throw new UsageError(`${folder} is not a folder`)
}

function made (folder, isWrite, paint) {
  const plan = planFor(name => readIn(folder, name))
  if (!plan) throw new UsageError(`${path.resolve(folder)}: there are no edits for this pool: its init.js and lib/pool.js are not those of ${POOLS.map(({ name }) => name).join(' or ')}`)
  const { pool, files, missing } = plan
  if (missing.length > 0) throw new Obstacle(missing.join('\n'))
  if (files.length === 0) return [`A pool like ${pool}: all edits are there already.`]
  const counted = `${count(files.reduce((sum, { changes }) => sum + changes.length, 0), 'place')} in ${count(files.length, 'file')}`
  if (isWrite) return written(folder, plan, counted)
  const diff = [].concat(...files.map(({ name, source, changes }) => diffOf(name, source, changes)))
  const notes = isInstalled(folder) ? [] : [`First install the addon there: npm install ${NAME}`]
  return [`A pool like ${pool}: ${counted} to edit.`].concat(diff.map(({ style, text }) => style ? paint(style, text) : text), 'Nothing is changed yet: --write makes the edits.', notes)
}

function written (folder, { pool, files }, counted) {
  const obstacles = files.map(({ name }) => obstacleTo(folder, name)).filter(Boolean)
  // With the edits, a pool that does not find the addon would not start.
  if (!isInstalled(folder)) obstacles.push(`${NAME} is not installed in ${path.resolve(folder)}: npm install ${NAME} there first`)
  if (obstacles.length > 0) throw new Obstacle(obstacles.join('\n'))
  const backups = write(folder, files)
  return [`A pool like ${pool}: edited ${counted}.`].concat(
    files.map(({ name }, index) => `${name}; as it was: ${backups[index]}`), 'Restart the pool, its master included. --undo takes the edits back.')
}

function undone (folder) {
  const { files, changed } = undoable(folder, filesOf(POOLS))
  const obstacles = changed.map(({ name, backups }) => `${name}: has changed since the edits; the file before the edits is ${backups.join(', ')}`)
    .concat(files.map(({ name }) => obstacleTo(folder, name)).filter(Boolean))
  if (obstacles.length > 0) throw new Obstacle(obstacles.join('\n'))
  if (files.length === 0) return [`${path.resolve(folder)}: there is nothing to undo.`]
  restore(folder, files)
  return [`As before the edits: ${files.map(({ name }) => name).join(', ')}. Restart the pool, its master included.`]
}

/** Whether the pool would find it. */
function isInstalled (folder) {
  try {
    require.resolve(NAME, { paths: [path.resolve(folder)] })
    return true
  } catch (error) {
    return false
  }
}

module.exports = { details, operand, options, run, summary }
