import 'reflect-metadata';
import { describeRoutes, routeTable } from 'routing-controllers-jwt-extended';
import { SERVER_OPTIONS } from './serverOptions';

console.log(routeTable(describeRoutes(SERVER_OPTIONS)));
