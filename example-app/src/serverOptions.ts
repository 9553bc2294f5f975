import type { RoutingControllersOptions } from 'routing-controllers';
import { authorizationChecker, currentUserChecker } from 'routing-controllers-jwt-extended';
import { AccountController } from './controllers/AccountController';
import { AdminController } from './controllers/AdminController';
import { DeviceController } from './controllers/DeviceController';
import { GreetingController } from './controllers/GreetingController';
import { SessionController } from './controllers/SessionController';
import { TokenController } from './controllers/TokenController';
import { DemonstrationController } from './demonstration/DemonstrationController';
import { isDemonstration } from './demonstration/isDemonstration';

/** What routing-controllers serves; the list of routes and the OpenAPI document are made from the same. */
export const SERVER_OPTIONS = {
  controllers: [
    AccountController,
    AdminController,
    DeviceController,
    GreetingController,
    SessionController,
    TokenController,
    ...(isDemonstration ? [DemonstrationController] : []),
  ],
  currentUserChecker,
  authorizationChecker,
  defaultErrorHandler: false,
} satisfies RoutingControllersOptions;
