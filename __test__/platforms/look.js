'use strict'

// Runs in the Node.js of a platform: `node look.js PACKAGE CONFIG`. It tells what it sees, a line of JSON each time, and ends with its input.

const [packageFolder, config] = process.argv.slice(2)
const { MultiDaemon } = require(packageFolder)

const watch = new MultiDaemon(JSON.parse(config))
const tell = value => process.stdout.write(`${JSON.stringify(value)}\n`)

watch.on('switch', ({ code, to }) => tell({ code, port: to.port }))
watch.ready.then(({ mode, daemons }) => {
  tell({
    platform: [process.platform, process.arch, require(`${packageFolder}/lib/source/libc`)()].join(' '),
    loaded: Object.keys(require.cache).filter(file => file.endsWith('.node')),
    mode,
    verdicts: daemons.map(({ state, reason }) => reason ? reason.code : state)
  })
})

// Nothing stops the watch: it keeps no process.
process.stdin.resume().on('end', () => tell('the end'))
