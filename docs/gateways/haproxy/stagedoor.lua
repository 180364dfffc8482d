-- Asks the verifier about a request's key. HAProxy 2.6 or newer, built with Lua (Debian's is).
--
-- It sets the variable txn.api_account_id where the key is good, and nothing else does: haproxy.cfg lets no request
-- through without it, so that a fault in here, or no answer, closes the door.

local REFUSALS = { [401] = true, [403] = true, [429] = true, [503] = true }
local PASSED_ON = { "content-type", "cache-control", "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy" }

-- HAProxy counts a header's values from 0.
local function first(headers, name)
  return headers[name] and headers[name][0]
end

local function each(headers, name, act)
  if headers[name] then
    for index = 0, #headers[name] do act(headers[name][index]) end
  end
end

local function question(txn)
  local asked = txn.http:req_get_headers()
  local headers = { ["x-forwarded-for"] = { txn.sf:src() } }
  for _, name in ipairs({ "authorization", "x-api-key" }) do
    local values = {}
    each(asked, name, function(value) table.insert(values, value) end)
    if #values > 0 then headers[name] = values end
  end
  return { url = "http://stagedoor/verify", dst = "abns@stagedoor", headers = headers }
end

core.register_action("stagedoor", { "http-req" }, function(txn)
  local answer = core.httpclient():get(question(txn))
  if not answer or not answer.headers then return end
  local headers = answer.headers

  if answer.status == 200 then
    txn.http:req_set_header("X-API-Account", first(headers, "x-api-account"))
    txn.http:req_set_header("X-API-Account-Id", first(headers, "x-api-account-id"))
    txn:set_var("txn.ratelimit", first(headers, "ratelimit") or "")
    txn:set_var("txn.ratelimit_policy", first(headers, "ratelimit-policy") or "")
    txn:set_var("txn.api_account_id", first(headers, "x-api-account-id"))
  elseif REFUSALS[answer.status] and first(headers, "content-type") == "application/problem+json" then
    local reply = txn:reply{ status = answer.status, body = answer.body }
    for _, name in ipairs(PASSED_ON) do
      each(headers, name, function(value) reply:add_header(name, value) end)
    end
    txn:done(reply)
  end
end)
