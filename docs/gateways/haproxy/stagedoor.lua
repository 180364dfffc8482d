-- Sends a request's key to the verifier. Requires HAProxy 2.6 or newer, built with Lua (as Debian's is).
--
-- Only this script sets the variable txn.api_account_id, and only if the key is valid. haproxy.cfg rejects requests
-- without it, so no request is forwarded after an error in this script or without the verifier's response.

local ERROR_STATUSES = { [401] = true, [403] = true, [429] = true, [431] = true, [503] = true }
local FORWARDED_HEADERS = { "content-type", "cache-control", "www-authenticate", "retry-after", "ratelimit", "ratelimit-policy" }

-- HAProxy's arrays of header values begin at 0.
local function first_value(headers, name)
  return headers[name] and headers[name][0]
end

local function for_each_value(headers, name, callback)
  if headers[name] then
    for index = 0, #headers[name] do callback(headers[name][index]) end
  end
end

local function create_verifier_request(txn)
  local client_headers = txn.http:req_get_headers()
  local headers = { ["x-forwarded-for"] = { txn.sf:src() } }
  for _, name in ipairs({ "authorization", "x-api-key" }) do
    local values = {}
    for_each_value(client_headers, name, function(value) table.insert(values, value) end)
    if #values > 0 then headers[name] = values end
  end
  local scope = txn:get_var("txn.required_scope")
  local query = scope and "?scope=" .. scope or ""
  return { url = "http://stagedoor/verify" .. query, dst = "abns@stagedoor", headers = headers }
end

core.register_action("stagedoor", { "http-req" }, function(txn)
  local response = core.httpclient():get(create_verifier_request(txn))
  if not response or not response.headers then return end
  local headers = response.headers

  if response.status == 200 then
    txn.http:req_set_header("X-API-Account", first_value(headers, "x-api-account"))
    txn.http:req_set_header("X-API-Account-Id", first_value(headers, "x-api-account-id"))
    txn.http:req_set_header("X-API-Scopes", first_value(headers, "x-api-scopes") or "")
    txn:set_var("txn.ratelimit", first_value(headers, "ratelimit") or "")
    txn:set_var("txn.ratelimit_policy", first_value(headers, "ratelimit-policy") or "")
    txn:set_var("txn.api_account_id", first_value(headers, "x-api-account-id"))
  elseif ERROR_STATUSES[response.status] and first_value(headers, "content-type") == "application/problem+json" then
    local reply = txn:reply{ status = response.status, body = response.body }
    for _, name in ipairs(FORWARDED_HEADERS) do
      for_each_value(headers, name, function(value) reply:add_header(name, value) end)
    end
    txn:done(reply)
  end
end)
