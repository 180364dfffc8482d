-- Creates wrk's requests, each with a random key from a file.
--   wrk … -s wrk.lua <url> -- <file with one key per line> [count-statuses] [pause=<milliseconds>]
-- "count-statuses" counts the responses by status, which slows wrk down. "pause" is the time before each request.

local requests = {}
local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set('number', #threads)
end

function init(args)
  for key in io.lines(args[1]) do
    requests[#requests + 1] = 'GET /verify HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ' .. key .. '\r\n\r\n'
  end
  math.randomseed(os.time() * 100 + number)
  for index = 2, #args do
    local pause = args[index]:match('^pause=(%d+)$')
    if pause then
      -- At random, so that the connections do not send at the same time. wrk calls this before each request.
      delay = function()
        return math.random(0, 2 * tonumber(pause))
      end
    elseif args[index] == 'count-statuses' then
      statuses = {}
      response = function(status)
        local name = tostring(status)
        statuses[name] = (statuses[name] or 0) + 1
      end
    end
  end
end

function request()
  return requests[math.random(#requests)]
end

local function format_statuses()
  local sums = {}
  for _, thread in ipairs(threads) do
    for name, count in pairs(thread:get('statuses') or {}) do
      sums[name] = (sums[name] or 0) + count
    end
  end
  local members = {}
  for name, count in pairs(sums) do
    members[#members + 1] = string.format('"%s":%d', name, count)
  end
  return '{' .. table.concat(members, ',') .. '}'
end

-- Prints one line of JSON. Times are in microseconds; `errorResponses` counts statuses of 400 and above.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"duration":%d,"p50":%d,"p99":%d,"errorResponses":%d,"failures":%d,"statuses":%s}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, format_statuses()))
end
