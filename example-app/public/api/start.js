// No validator: it would be asked at swagger.io.
globalThis.SwaggerUIBundle({ dom_id: '#api', url: '/openapi.json', validatorUrl: 'none' });
