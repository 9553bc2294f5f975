/** A connected client of the Redis that the benchmark started. Throws NotInstalled if there is none. */
export async function redisClient({ load, redis }, options = {}) {
  if (redis === undefined) {
    throw Object.assign(new Error('redis-server is not installed'), { name: 'NotInstalled' });
  }
  const client = load('redis').createClient({ url: redis, ...options });
  // Without a listener, redis throws and ends the measurement when its server stops.
  client.on('error', () => undefined);
  return client.connect();
}
