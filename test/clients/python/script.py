"""The script of ../script.ts with fhirpy (https://github.com/beda-software/fhir-py), against a running server.

    pip install fhirpy PyJWT cryptography
    python test/clients/python/script.py data/demo/ehr-client.json

The client file is the demo's, or one of the same shape: client_id, jwk, scope, token_endpoint. Prints one line a step;
ends with status 1 when a step sees something else than it should.
"""

import json
import sys
import time
import uuid
from urllib.parse import urljoin

import jwt
import requests
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import ResourceNotFound

SYSTEM = "https://example.org/client-script"
failures = 0


def main(client_file):
    with open(client_file, encoding="utf-8") as file:
        registered = json.load(file)
    base = urljoin(registered["token_endpoint"], "/fhir")
    client = SyncFHIRClient(base, authorization=f"Bearer {token(registered)}")
    name = f"python-{uuid.uuid4().hex[:8]}"

    patient = client.resource("Patient", **person(name))
    patient.save()
    saw("create", patient["meta"]["versionId"], "1")

    # get_or_create() of fhirpy puts the condition into the URL, which is no FHIR: the server refuses it by name
    found, status = client._do_request(
        "post",
        "Patient",
        data={"resourceType": "Patient", **person(name)},
        extra_headers={"If-None-Exist": f"identifier={SYSTEM}|{name}"},
        returning_status=True,
    )
    saw("conditional create", (found["id"], status), (patient.id, 200))

    patient["gender"] = "female"
    patient.save()
    saw("update", (patient["gender"], patient["meta"]["versionId"]), ("female", "2"))

    patched = client._do_request(
        "patch",
        f"Patient/{patient.id}",
        data=[{"op": "test", "path": "/gender", "value": "female"}, {"op": "add", "path": "/birthDate", "value": "1974-12-25"}],
        extra_headers={"Content-Type": "application/json-patch+json"},
    )
    saw("JSON Patch", (patched["birthDate"], patched["meta"]["versionId"]), ("1974-12-25", "3"))

    first = client.execute(f"Patient/{patient.id}/_history/1", method="get")
    saw("vread", first.get("gender"), None)
    patient.refresh()
    saw("read again", (patient["gender"], patient["birthDate"]), ("female", "1974-12-25"))
    history = client.execute(f"Patient/{patient.id}/_history", method="get")
    saw("history", [entry["resource"]["meta"]["versionId"] for entry in history["entry"]], ["3", "2", "1"])

    transaction = client.execute("", data=three_weights(patient.id))
    saw("transaction", [entry["response"]["status"][:3] for entry in transaction["entry"]], ["201"] * 3)
    weights = client.resources("Observation").search(patient=patient.id, code="http://loinc.org|29463-7")
    values = [weight["valueQuantity"]["value"] for weight in weights.sort("value-quantity").limit(2).fetch_all()]
    saw("search with paging", values, [79.9, 81, 82.5])
    # count() sends a parameter of another server; what is not known is passed over when lenient handling is asked for
    client.extra_headers = {"Prefer": "handling=lenient"}
    saw("count", weights.count(), 3)

    batch = client.execute("", data=reads_of(patient.id))
    saw("batch", [entry["response"]["status"][:3] for entry in batch["entry"]], ["200", "404", "200"])

    saw("$validate", client.resource("Patient", **person(name)).is_valid(), True)
    passing = client.resource("Patient", **person(f"{name}-passing"))
    passing.save()
    passing.delete()
    saw("delete", failure_of(lambda: client.get("Patient", passing.id)), "deleted")
    sys.exit(1 if failures else 0)


def token(registered):
    """private_key_jwt: https://hl7.org/fhir/smart-app-launch/backend-services.html"""
    now = int(time.time())
    claims = {
        "iss": registered["client_id"],
        "sub": registered["client_id"],
        "aud": registered["token_endpoint"],
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    key = jwt.PyJWK(registered["jwk"], algorithm="ES384").key
    answer = requests.post(
        registered["token_endpoint"],
        data={
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, key, algorithm="ES384", headers={"kid": registered["jwk"]["kid"]}),
            "scope": registered["scope"],
        },
        timeout=30,
    ).json()
    saw("token", answer.get("token_type"), "Bearer")
    return answer["access_token"]


def person(name):
    return {
        "identifier": [{"system": SYSTEM, "value": name}],
        "name": [{"family": "Klientprøve", "given": ["Åse"]}],
    }


def three_weights(patient):
    names = [f"urn:uuid:{uuid.uuid4()}" for _ in range(3)]
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {
                "fullUrl": names[i],
                "resource": {
                    "resourceType": "Observation",
                    "status": "final",
                    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
                    "subject": {"reference": f"Patient/{patient}"},
                    "effectiveDateTime": f"2026-01-0{i + 1}",
                    "valueQuantity": {"value": value, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
                    **({"derivedFrom": [{"reference": names[0]}]} if i == 2 else {}),
                },
                "request": {"method": "POST", "url": "Observation"},
            }
            for i, value in enumerate([82.5, 81, 79.9])
        ],
    }


def reads_of(patient):
    urls = [f"Patient/{patient}", "Patient/nobody-has-this-id", f"Observation?patient={patient}"]
    return {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in urls],
    }


def failure_of(call):
    try:
        call()
    except ResourceNotFound as failure:
        return json.loads(str(failure))["issue"][0]["code"]
    return None


def saw(step, value, expected):
    global failures
    right = value == expected
    failures += 0 if right else 1
    print(f"{'ok  ' if right else 'FAIL'} {step}: {value}" + ("" if right else f", not {expected}"))


if __name__ == "__main__":
    main(*sys.argv[1:])
