// Starts the real AT-protocol network (PLC, PDS, AppView and what they need) for the tests.
//
// Environment: NETWORK_DATABASE_URL, a PostgreSQL that schemas may be made in, and NETWORK_SCHEMA,
// their common name (letters only). Prints one line of JSON with the addresses, then lives until
// its standard input closes. `POST /settle` at the control address answers when the AppView has
// indexed everything that the PDS has accepted so far.
import http from 'node:http'
import process from 'node:process'
import { TestNetwork } from '@atproto/dev-env'

const SETTLE_PATIENCE_MS = 120_000

// The package insists on the variable; this version of it opens no connection to Redis.
process.env.REDIS_HOST ??= '127.0.0.1'

const network = await TestNetwork.create({
  dbPostgresUrl: process.env.NETWORK_DATABASE_URL,
  dbPostgresSchema: process.env.NETWORK_SCHEMA,
  // As on the public network: what posts show as indexedAt is the AppView's own clock.
  bsky: { indexedAtEpoch: new Date(0) },
})

async function answer(request, response) {
  if (request.method !== 'POST' || request.url !== '/settle') {
    response.writeHead(404).end()
    return
  }
  try {
    await network.processAll(SETTLE_PATIENCE_MS)
    response.writeHead(204).end()
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}

const control = http.createServer(answer)
await new Promise((ready) => control.listen(0, '127.0.0.1', ready))

async function stop() {
  control.close()
  // The process ends in any case, so nothing that only closes late may keep it.
  setTimeout(() => process.exit(1), 10_000).unref()
  await network.close()
  process.exit(0)
}

process.stdin.on('end', stop)
process.stdin.resume()
// A Ctrl-C in the terminal reaches the whole group; the tests end us by closing our input.
process.on('SIGINT', () => {})

const addresses = {
  pds: network.pds.url,
  plc: network.plc.url,
  appview: network.bsky.url,
  control: `http://127.0.0.1:${control.address().port}`,
}
process.stdout.write(`${JSON.stringify(addresses)}\n`)
