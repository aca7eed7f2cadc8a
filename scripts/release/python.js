'use strict'

// Brings tools that are Python packages, beside the project: cargo or a C compiler would have to make them first.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const TOOLS = path.join(__dirname, '..', '..', 'node_modules', '.cache', 'release')
const LIMIT_MS = 180000

/** The folder with that package, such as `name==1.2.3`, and nothing else. What is half there is brought again. */
function python (requirement) {
  const folder = path.join(TOOLS, requirement.replace('==', '-'))
  if (fs.existsSync(folder)) return folder
  fs.mkdirSync(TOOLS, { recursive: true })
  const scratch = fs.mkdtempSync(path.join(TOOLS, 'bringing-'))
  try {
    const { error, status, stderr } = spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--no-deps', '--target', scratch, requirement], { encoding: 'utf8', timeout: LIMIT_MS })
    if (error || status !== 0) throw new Error(`${requirement} cannot be brought: ${error ? error.message : stderr}`)
    fs.renameSync(scratch, folder)
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true })
  }
  return folder
}

module.exports = { python }
