// Prints how this library, jsonwebtoken and jose judge the cases of spec/rfc: npm run vectors
import 'reflect-metadata';
import judges from '../build/spec/rfc/judges.js';

const judged = await judges.verdicts();
console.log(judges.report(judged));
