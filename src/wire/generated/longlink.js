/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["longlink"] || ($protobuf.roots["longlink"] = {});

export const longlink = $root.longlink = (() => {

    /**
     * Namespace longlink.
     * @exports longlink
     * @namespace
     */
    const longlink = {};

    longlink.ClientFrame = (function() {

        /**
         * Properties of a ClientFrame.
         * @typedef {Object} longlink.ClientFrame.$Properties
         * @property {longlink.Hello.$Properties|null} [hello] ClientFrame hello
         * @property {longlink.Ping.$Properties|null} [ping] ClientFrame ping
         * @property {longlink.Ack.$Properties|null} [ack] ClientFrame ack
         * @property {longlink.BindUser.$Properties|null} [bindUser] ClientFrame bindUser
         * @property {longlink.UnbindUser.$Properties|null} [unbindUser] ClientFrame unbindUser
         * @property {longlink.BindAlias.$Properties|null} [bindAlias] ClientFrame bindAlias
         * @property {longlink.UnbindAlias.$Properties|null} [unbindAlias] ClientFrame unbindAlias
         * @property {longlink.AppState.$Properties|null} [appState] ClientFrame appState
         * @property {longlink.RegisterBiz.$Properties|null} [registerBiz] ClientFrame registerBiz
         * @property {longlink.UnregisterBiz.$Properties|null} [unregisterBiz] ClientFrame unregisterBiz
         * @property {longlink.ReportToken.$Properties|null} [reportToken] ClientFrame reportToken
         * @property {longlink.ReportEvent.$Properties|null} [reportEvent] ClientFrame reportEvent
         * @property {longlink.Bye.$Properties|null} [bye] ClientFrame bye
         * @property {longlink.ListAliases.$Properties|null} [listAliases] ClientFrame listAliases
         * @property {"hello"|"ping"|"ack"|"bindUser"|"unbindUser"|"bindAlias"|"unbindAlias"|"appState"|"registerBiz"|"unregisterBiz"|"reportToken"|"reportEvent"|"bye"|"listAliases"} [body] ClientFrame body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ClientFrame.
         * @memberof longlink
         * @interface IClientFrame
         * @augments longlink.ClientFrame.$Properties
         * @deprecated Use longlink.ClientFrame.$Properties instead.
         */

        /**
         * Narrowed shape of a ClientFrame.
         * @typedef {{
         *   hello?: longlink.Hello.$Shape|null;
         *   ping?: longlink.Ping.$Shape|null;
         *   ack?: longlink.Ack.$Shape|null;
         *   bindUser?: longlink.BindUser.$Shape|null;
         *   unbindUser?: longlink.UnbindUser.$Shape|null;
         *   bindAlias?: longlink.BindAlias.$Shape|null;
         *   unbindAlias?: longlink.UnbindAlias.$Shape|null;
         *   appState?: longlink.AppState.$Shape|null;
         *   registerBiz?: longlink.RegisterBiz.$Shape|null;
         *   unregisterBiz?: longlink.UnregisterBiz.$Shape|null;
         *   reportToken?: longlink.ReportToken.$Shape|null;
         *   reportEvent?: longlink.ReportEvent.$Shape|null;
         *   bye?: longlink.Bye.$Shape|null;
         *   listAliases?: longlink.ListAliases.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "hello"; hello: longlink.Hello.$Shape; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "ping"; hello?: null; ping: longlink.Ping.$Shape; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "ack"; hello?: null; ping?: null; ack: longlink.Ack.$Shape; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "bindUser"; hello?: null; ping?: null; ack?: null; bindUser: longlink.BindUser.$Shape; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unbindUser"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser: longlink.UnbindUser.$Shape; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "bindAlias"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias: longlink.BindAlias.$Shape; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unbindAlias"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias: longlink.UnbindAlias.$Shape; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "appState"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState: longlink.AppState.$Shape; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "registerBiz"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz: longlink.RegisterBiz.$Shape; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unregisterBiz"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz: longlink.UnregisterBiz.$Shape; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "reportToken"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken: longlink.ReportToken.$Shape; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "reportEvent"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent: longlink.ReportEvent.$Shape; bye?: null; listAliases?: null }|{ body?: "bye"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye: longlink.Bye.$Shape; listAliases?: null }|{ body?: "listAliases"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases: longlink.ListAliases.$Shape })
         * )} longlink.ClientFrame.$Shape
         */

        /**
         * Constructs a new ClientFrame.
         * @memberof longlink
         * @classdesc Represents a ClientFrame.
         * @constructor
         * @param {longlink.ClientFrame.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ClientFrame = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ClientFrame hello.
         * @member {longlink.Hello.$Properties|null|undefined} hello
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.hello = null;

        /**
         * ClientFrame ping.
         * @member {longlink.Ping.$Properties|null|undefined} ping
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.ping = null;

        /**
         * ClientFrame ack.
         * @member {longlink.Ack.$Properties|null|undefined} ack
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.ack = null;

        /**
         * ClientFrame bindUser.
         * @member {longlink.BindUser.$Properties|null|undefined} bindUser
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.bindUser = null;

        /**
         * ClientFrame unbindUser.
         * @member {longlink.UnbindUser.$Properties|null|undefined} unbindUser
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.unbindUser = null;

        /**
         * ClientFrame bindAlias.
         * @member {longlink.BindAlias.$Properties|null|undefined} bindAlias
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.bindAlias = null;

        /**
         * ClientFrame unbindAlias.
         * @member {longlink.UnbindAlias.$Properties|null|undefined} unbindAlias
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.unbindAlias = null;

        /**
         * ClientFrame appState.
         * @member {longlink.AppState.$Properties|null|undefined} appState
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.appState = null;

        /**
         * ClientFrame registerBiz.
         * @member {longlink.RegisterBiz.$Properties|null|undefined} registerBiz
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.registerBiz = null;

        /**
         * ClientFrame unregisterBiz.
         * @member {longlink.UnregisterBiz.$Properties|null|undefined} unregisterBiz
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.unregisterBiz = null;

        /**
         * ClientFrame reportToken.
         * @member {longlink.ReportToken.$Properties|null|undefined} reportToken
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.reportToken = null;

        /**
         * ClientFrame reportEvent.
         * @member {longlink.ReportEvent.$Properties|null|undefined} reportEvent
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.reportEvent = null;

        /**
         * ClientFrame bye.
         * @member {longlink.Bye.$Properties|null|undefined} bye
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.bye = null;

        /**
         * ClientFrame listAliases.
         * @member {longlink.ListAliases.$Properties|null|undefined} listAliases
         * @memberof longlink.ClientFrame
         * @instance
         */
        ClientFrame.prototype.listAliases = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * ClientFrame body.
         * @member {"hello"|"ping"|"ack"|"bindUser"|"unbindUser"|"bindAlias"|"unbindAlias"|"appState"|"registerBiz"|"unregisterBiz"|"reportToken"|"reportEvent"|"bye"|"listAliases"|undefined} body
         * @memberof longlink.ClientFrame
         * @instance
         */
        $Object.defineProperty(ClientFrame.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["hello", "ping", "ack", "bindUser", "unbindUser", "bindAlias", "unbindAlias", "appState", "registerBiz", "unregisterBiz", "reportToken", "reportEvent", "bye", "listAliases"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Creates a new ClientFrame instance using the specified properties.
         * @function create
         * @memberof longlink.ClientFrame
         * @static
         * @param {longlink.ClientFrame.$Properties=} [properties] Properties to set
         * @returns {longlink.ClientFrame} ClientFrame instance
         * @type {{
         *   (properties: longlink.ClientFrame.$Shape): longlink.ClientFrame & longlink.ClientFrame.$Shape;
         *   (properties?: longlink.ClientFrame.$Properties): longlink.ClientFrame;
         * }}
         */
        ClientFrame.create = function(properties) {
            return new ClientFrame(properties);
        };

        /**
         * Encodes the specified ClientFrame message. Does not implicitly {@link longlink.ClientFrame.verify|verify} messages.
         * @function encode
         * @memberof longlink.ClientFrame
         * @static
         * @param {longlink.ClientFrame.$Properties} message ClientFrame message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ClientFrame.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                $root.longlink.Hello.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.ping != null && $Object.hasOwnProperty.call(message, "ping"))
                $root.longlink.Ping.encode(message.ping, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                $root.longlink.Ack.encode(message.ack, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.bindUser != null && $Object.hasOwnProperty.call(message, "bindUser"))
                $root.longlink.BindUser.encode(message.bindUser, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.unbindUser != null && $Object.hasOwnProperty.call(message, "unbindUser"))
                $root.longlink.UnbindUser.encode(message.unbindUser, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.bindAlias != null && $Object.hasOwnProperty.call(message, "bindAlias"))
                $root.longlink.BindAlias.encode(message.bindAlias, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.unbindAlias != null && $Object.hasOwnProperty.call(message, "unbindAlias"))
                $root.longlink.UnbindAlias.encode(message.unbindAlias, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.appState != null && $Object.hasOwnProperty.call(message, "appState"))
                $root.longlink.AppState.encode(message.appState, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.registerBiz != null && $Object.hasOwnProperty.call(message, "registerBiz"))
                $root.longlink.RegisterBiz.encode(message.registerBiz, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
            if (message.unregisterBiz != null && $Object.hasOwnProperty.call(message, "unregisterBiz"))
                $root.longlink.UnregisterBiz.encode(message.unregisterBiz, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
            if (message.reportToken != null && $Object.hasOwnProperty.call(message, "reportToken"))
                $root.longlink.ReportToken.encode(message.reportToken, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
            if (message.reportEvent != null && $Object.hasOwnProperty.call(message, "reportEvent"))
                $root.longlink.ReportEvent.encode(message.reportEvent, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
            if (message.bye != null && $Object.hasOwnProperty.call(message, "bye"))
                $root.longlink.Bye.encode(message.bye, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
            if (message.listAliases != null && $Object.hasOwnProperty.call(message, "listAliases"))
                $root.longlink.ListAliases.encode(message.listAliases, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ClientFrame message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.ClientFrame
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.ClientFrame & longlink.ClientFrame.$Shape} ClientFrame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ClientFrame.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.ClientFrame();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.hello = $root.longlink.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                        message.body = "hello";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.ping = $root.longlink.Ping.decode(reader, reader.size(), $undefined, _depth + 1, message.ping);
                        message.body = "ping";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.ack = $root.longlink.Ack.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                        message.body = "ack";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.bindUser = $root.longlink.BindUser.decode(reader, reader.size(), $undefined, _depth + 1, message.bindUser);
                        message.body = "bindUser";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.unbindUser = $root.longlink.UnbindUser.decode(reader, reader.size(), $undefined, _depth + 1, message.unbindUser);
                        message.body = "unbindUser";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.bindAlias = $root.longlink.BindAlias.decode(reader, reader.size(), $undefined, _depth + 1, message.bindAlias);
                        message.body = "bindAlias";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.unbindAlias = $root.longlink.UnbindAlias.decode(reader, reader.size(), $undefined, _depth + 1, message.unbindAlias);
                        message.body = "unbindAlias";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.appState = $root.longlink.AppState.decode(reader, reader.size(), $undefined, _depth + 1, message.appState);
                        message.body = "appState";
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        message.registerBiz = $root.longlink.RegisterBiz.decode(reader, reader.size(), $undefined, _depth + 1, message.registerBiz);
                        message.body = "registerBiz";
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        message.unregisterBiz = $root.longlink.UnregisterBiz.decode(reader, reader.size(), $undefined, _depth + 1, message.unregisterBiz);
                        message.body = "unregisterBiz";
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        message.reportToken = $root.longlink.ReportToken.decode(reader, reader.size(), $undefined, _depth + 1, message.reportToken);
                        message.body = "reportToken";
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        message.reportEvent = $root.longlink.ReportEvent.decode(reader, reader.size(), $undefined, _depth + 1, message.reportEvent);
                        message.body = "reportEvent";
                        continue;
                    }
                case 13: {
                        if (wireType !== 2)
                            break;
                        message.bye = $root.longlink.Bye.decode(reader, reader.size(), $undefined, _depth + 1, message.bye);
                        message.body = "bye";
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        message.listAliases = $root.longlink.ListAliases.decode(reader, reader.size(), $undefined, _depth + 1, message.listAliases);
                        message.body = "listAliases";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ClientFrame;
    })();

    longlink.ServerFrame = (function() {

        /**
         * Properties of a ServerFrame.
         * @typedef {Object} longlink.ServerFrame.$Properties
         * @property {longlink.Welcome.$Properties|null} [welcome] ServerFrame welcome
         * @property {longlink.Pong.$Properties|null} [pong] ServerFrame pong
         * @property {longlink.Sync.$Properties|null} [sync] ServerFrame sync
         * @property {longlink.Push.$Properties|null} [push] ServerFrame push
         * @property {longlink.Revoke.$Properties|null} [revoke] ServerFrame revoke
         * @property {longlink.Result.$Properties|null} [result] ServerFrame result
         * @property {longlink.Kick.$Properties|null} [kick] ServerFrame kick
         * @property {longlink.Command.$Properties|null} [command] ServerFrame command
         * @property {"welcome"|"pong"|"sync"|"push"|"revoke"|"result"|"kick"|"command"} [body] ServerFrame body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ServerFrame.
         * @memberof longlink
         * @interface IServerFrame
         * @augments longlink.ServerFrame.$Properties
         * @deprecated Use longlink.ServerFrame.$Properties instead.
         */

        /**
         * Narrowed shape of a ServerFrame.
         * @typedef {{
         *   welcome?: longlink.Welcome.$Shape|null;
         *   pong?: longlink.Pong.$Shape|null;
         *   sync?: longlink.Sync.$Shape|null;
         *   push?: longlink.Push.$Shape|null;
         *   revoke?: longlink.Revoke.$Shape|null;
         *   result?: longlink.Result.$Shape|null;
         *   kick?: longlink.Kick.$Shape|null;
         *   command?: longlink.Command.$Shape|null;
         *   $unknowns?: Array.<Uint8Array>;
         * } & (
         *   ({ body?: undefined; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "welcome"; welcome: longlink.Welcome.$Shape; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "pong"; welcome?: null; pong: longlink.Pong.$Shape; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "sync"; welcome?: null; pong?: null; sync: longlink.Sync.$Shape; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "push"; welcome?: null; pong?: null; sync?: null; push: longlink.Push.$Shape; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "revoke"; welcome?: null; pong?: null; sync?: null; push?: null; revoke: longlink.Revoke.$Shape; result?: null; kick?: null; command?: null }|{ body?: "result"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result: longlink.Result.$Shape; kick?: null; command?: null }|{ body?: "kick"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick: longlink.Kick.$Shape; command?: null }|{ body?: "command"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command: longlink.Command.$Shape })
         * )} longlink.ServerFrame.$Shape
         */

        /**
         * Constructs a new ServerFrame.
         * @memberof longlink
         * @classdesc Represents a ServerFrame.
         * @constructor
         * @param {longlink.ServerFrame.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ServerFrame = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ServerFrame welcome.
         * @member {longlink.Welcome.$Properties|null|undefined} welcome
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.welcome = null;

        /**
         * ServerFrame pong.
         * @member {longlink.Pong.$Properties|null|undefined} pong
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.pong = null;

        /**
         * ServerFrame sync.
         * @member {longlink.Sync.$Properties|null|undefined} sync
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.sync = null;

        /**
         * ServerFrame push.
         * @member {longlink.Push.$Properties|null|undefined} push
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.push = null;

        /**
         * ServerFrame revoke.
         * @member {longlink.Revoke.$Properties|null|undefined} revoke
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.revoke = null;

        /**
         * ServerFrame result.
         * @member {longlink.Result.$Properties|null|undefined} result
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.result = null;

        /**
         * ServerFrame kick.
         * @member {longlink.Kick.$Properties|null|undefined} kick
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.kick = null;

        /**
         * ServerFrame command.
         * @member {longlink.Command.$Properties|null|undefined} command
         * @memberof longlink.ServerFrame
         * @instance
         */
        ServerFrame.prototype.command = null;

        // OneOf field names bound to virtual getters and setters
        let $oneOfFields;

        /**
         * ServerFrame body.
         * @member {"welcome"|"pong"|"sync"|"push"|"revoke"|"result"|"kick"|"command"|undefined} body
         * @memberof longlink.ServerFrame
         * @instance
         */
        $Object.defineProperty(ServerFrame.prototype, "body", {
            get: $util.oneOfGetter($oneOfFields = ["welcome", "pong", "sync", "push", "revoke", "result", "kick", "command"]),
            set: $util.oneOfSetter($oneOfFields)
        });

        /**
         * Creates a new ServerFrame instance using the specified properties.
         * @function create
         * @memberof longlink.ServerFrame
         * @static
         * @param {longlink.ServerFrame.$Properties=} [properties] Properties to set
         * @returns {longlink.ServerFrame} ServerFrame instance
         * @type {{
         *   (properties: longlink.ServerFrame.$Shape): longlink.ServerFrame & longlink.ServerFrame.$Shape;
         *   (properties?: longlink.ServerFrame.$Properties): longlink.ServerFrame;
         * }}
         */
        ServerFrame.create = function(properties) {
            return new ServerFrame(properties);
        };

        /**
         * Encodes the specified ServerFrame message. Does not implicitly {@link longlink.ServerFrame.verify|verify} messages.
         * @function encode
         * @memberof longlink.ServerFrame
         * @static
         * @param {longlink.ServerFrame.$Properties} message ServerFrame message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ServerFrame.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                $root.longlink.Welcome.encode(message.welcome, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
            if (message.pong != null && $Object.hasOwnProperty.call(message, "pong"))
                $root.longlink.Pong.encode(message.pong, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.sync != null && $Object.hasOwnProperty.call(message, "sync"))
                $root.longlink.Sync.encode(message.sync, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
            if (message.push != null && $Object.hasOwnProperty.call(message, "push"))
                $root.longlink.Push.encode(message.push, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.revoke != null && $Object.hasOwnProperty.call(message, "revoke"))
                $root.longlink.Revoke.encode(message.revoke, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.result != null && $Object.hasOwnProperty.call(message, "result"))
                $root.longlink.Result.encode(message.result, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.kick != null && $Object.hasOwnProperty.call(message, "kick"))
                $root.longlink.Kick.encode(message.kick, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
            if (message.command != null && $Object.hasOwnProperty.call(message, "command"))
                $root.longlink.Command.encode(message.command, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ServerFrame message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.ServerFrame
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.ServerFrame & longlink.ServerFrame.$Shape} ServerFrame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ServerFrame.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.ServerFrame();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        message.welcome = $root.longlink.Welcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                        message.body = "welcome";
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        message.pong = $root.longlink.Pong.decode(reader, reader.size(), $undefined, _depth + 1, message.pong);
                        message.body = "pong";
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        message.sync = $root.longlink.Sync.decode(reader, reader.size(), $undefined, _depth + 1, message.sync);
                        message.body = "sync";
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        message.push = $root.longlink.Push.decode(reader, reader.size(), $undefined, _depth + 1, message.push);
                        message.body = "push";
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        message.revoke = $root.longlink.Revoke.decode(reader, reader.size(), $undefined, _depth + 1, message.revoke);
                        message.body = "revoke";
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        message.result = $root.longlink.Result.decode(reader, reader.size(), $undefined, _depth + 1, message.result);
                        message.body = "result";
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        message.kick = $root.longlink.Kick.decode(reader, reader.size(), $undefined, _depth + 1, message.kick);
                        message.body = "kick";
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        message.command = $root.longlink.Command.decode(reader, reader.size(), $undefined, _depth + 1, message.command);
                        message.body = "command";
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ServerFrame;
    })();

    /**
     * OwnerKind enum.
     * @name longlink.OwnerKind
     * @enum {number}
     * @property {number} OWNER_UNSPECIFIED=0 OWNER_UNSPECIFIED value
     * @property {number} OWNER_USER=1 OWNER_USER value
     * @property {number} OWNER_DEVICE=2 OWNER_DEVICE value
     * @property {number} OWNER_TOKEN=3 OWNER_TOKEN value
     * @property {number} OWNER_GLOBAL=4 OWNER_GLOBAL value
     * @property {number} OWNER_GLOBAL_USER=5 OWNER_GLOBAL_USER value
     */
    longlink.OwnerKind = (function() {
        const valuesById = $Object.create(null), values = $Object.create(valuesById);
        values[valuesById[0] = "OWNER_UNSPECIFIED"] = 0;
        values[valuesById[1] = "OWNER_USER"] = 1;
        values[valuesById[2] = "OWNER_DEVICE"] = 2;
        values[valuesById[3] = "OWNER_TOKEN"] = 3;
        values[valuesById[4] = "OWNER_GLOBAL"] = 4;
        values[valuesById[5] = "OWNER_GLOBAL_USER"] = 5;
        return values;
    })();

    longlink.SyncPoint = (function() {

        /**
         * Properties of a SyncPoint.
         * @typedef {Object} longlink.SyncPoint.$Properties
         * @property {longlink.OwnerKind|null} [owner] SyncPoint owner
         * @property {string|null} [bizType] SyncPoint bizType
         * @property {number|Long|null} [point] SyncPoint point
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a SyncPoint.
         * @memberof longlink
         * @interface ISyncPoint
         * @augments longlink.SyncPoint.$Properties
         * @deprecated Use longlink.SyncPoint.$Properties instead.
         */

        /**
         * Shape of a SyncPoint.
         * @typedef {longlink.SyncPoint.$Properties} longlink.SyncPoint.$Shape
         */

        /**
         * Constructs a new SyncPoint.
         * @memberof longlink
         * @classdesc Represents a SyncPoint.
         * @constructor
         * @param {longlink.SyncPoint.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const SyncPoint = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * SyncPoint owner.
         * @member {longlink.OwnerKind} owner
         * @memberof longlink.SyncPoint
         * @instance
         */
        SyncPoint.prototype.owner = 0;

        /**
         * SyncPoint bizType.
         * @member {string} bizType
         * @memberof longlink.SyncPoint
         * @instance
         */
        SyncPoint.prototype.bizType = "";

        /**
         * SyncPoint point.
         * @member {number|Long} point
         * @memberof longlink.SyncPoint
         * @instance
         */
        SyncPoint.prototype.point = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Creates a new SyncPoint instance using the specified properties.
         * @function create
         * @memberof longlink.SyncPoint
         * @static
         * @param {longlink.SyncPoint.$Properties=} [properties] Properties to set
         * @returns {longlink.SyncPoint} SyncPoint instance
         * @type {{
         *   (properties: longlink.SyncPoint.$Shape): longlink.SyncPoint & longlink.SyncPoint.$Shape;
         *   (properties?: longlink.SyncPoint.$Properties): longlink.SyncPoint;
         * }}
         */
        SyncPoint.create = function(properties) {
            return new SyncPoint(properties);
        };

        /**
         * Encodes the specified SyncPoint message. Does not implicitly {@link longlink.SyncPoint.verify|verify} messages.
         * @function encode
         * @memberof longlink.SyncPoint
         * @static
         * @param {longlink.SyncPoint.$Properties} message SyncPoint message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        SyncPoint.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner") && message.owner !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.owner);
            if (message.bizType != null && $Object.hasOwnProperty.call(message, "bizType") && message.bizType !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.bizType);
            if (message.point != null && $Object.hasOwnProperty.call(message, "point") && (typeof message.point === "object" ? message.point.low || message.point.high : message.point !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.point);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a SyncPoint message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.SyncPoint
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.SyncPoint & longlink.SyncPoint.$Shape} SyncPoint
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        SyncPoint.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.SyncPoint();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.owner = value;
                        else
                            delete message.owner;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.bizType = value;
                        else
                            delete message.bizType;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.point = value;
                        else
                            delete message.point;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return SyncPoint;
    })();

    longlink.Hello = (function() {

        /**
         * Properties of a Hello.
         * @typedef {Object} longlink.Hello.$Properties
         * @property {number|null} [protocol] Hello protocol
         * @property {string|null} [appId] Hello appId
         * @property {string|null} [workspaceId] Hello workspaceId
         * @property {string|null} [deviceId] Hello deviceId
         * @property {string|null} [adToken] Hello adToken
         * @property {Uint8Array|null} [deviceKey] Hello deviceKey
         * @property {string|null} [userId] Hello userId
         * @property {string|null} [sessionId] Hello sessionId
         * @property {string|null} [os] Hello os
         * @property {string|null} [appVersion] Hello appVersion
         * @property {boolean|null} [foreground] Hello foreground
         * @property {Array.<string>|null} [capabilities] Hello capabilities
         * @property {number|null} [heartbeatSec] Hello heartbeatSec
         * @property {Array.<longlink.SyncPoint.$Properties>|null} [syncPoints] Hello syncPoints
         * @property {string|null} [model] Hello model
         * @property {string|null} [sdkVersion] Hello sdkVersion
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Hello.
         * @memberof longlink
         * @interface IHello
         * @augments longlink.Hello.$Properties
         * @deprecated Use longlink.Hello.$Properties instead.
         */

        /**
         * Shape of a Hello.
         * @typedef {longlink.Hello.$Properties} longlink.Hello.$Shape
         */

        /**
         * Constructs a new Hello.
         * @memberof longlink
         * @classdesc Represents a Hello.
         * @constructor
         * @param {longlink.Hello.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Hello = function (properties) {
            this.capabilities = [];
            this.syncPoints = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Hello protocol.
         * @member {number} protocol
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.protocol = 0;

        /**
         * Hello appId.
         * @member {string} appId
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.appId = "";

        /**
         * Hello workspaceId.
         * @member {string} workspaceId
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.workspaceId = "";

        /**
         * Hello deviceId.
         * @member {string} deviceId
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.deviceId = "";

        /**
         * Hello adToken.
         * @member {string} adToken
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.adToken = "";

        /**
         * Hello deviceKey.
         * @member {Uint8Array} deviceKey
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.deviceKey = $util.newBuffer([]);

        /**
         * Hello userId.
         * @member {string} userId
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.userId = "";

        /**
         * Hello sessionId.
         * @member {string} sessionId
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.sessionId = "";

        /**
         * Hello os.
         * @member {string} os
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.os = "";

        /**
         * Hello appVersion.
         * @member {string} appVersion
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.appVersion = "";

        /**
         * Hello foreground.
         * @member {boolean} foreground
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.foreground = false;

        /**
         * Hello capabilities.
         * @member {Array.<string>} capabilities
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.capabilities = $util.emptyArray;

        /**
         * Hello heartbeatSec.
         * @member {number} heartbeatSec
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.heartbeatSec = 0;

        /**
         * Hello syncPoints.
         * @member {Array.<longlink.SyncPoint.$Properties>} syncPoints
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.syncPoints = $util.emptyArray;

        /**
         * Hello model.
         * @member {string} model
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.model = "";

        /**
         * Hello sdkVersion.
         * @member {string} sdkVersion
         * @memberof longlink.Hello
         * @instance
         */
        Hello.prototype.sdkVersion = "";

        /**
         * Creates a new Hello instance using the specified properties.
         * @function create
         * @memberof longlink.Hello
         * @static
         * @param {longlink.Hello.$Properties=} [properties] Properties to set
         * @returns {longlink.Hello} Hello instance
         * @type {{
         *   (properties: longlink.Hello.$Shape): longlink.Hello & longlink.Hello.$Shape;
         *   (properties?: longlink.Hello.$Properties): longlink.Hello;
         * }}
         */
        Hello.create = function(properties) {
            return new Hello(properties);
        };

        /**
         * Encodes the specified Hello message. Does not implicitly {@link longlink.Hello.verify|verify} messages.
         * @function encode
         * @memberof longlink.Hello
         * @static
         * @param {longlink.Hello.$Properties} message Hello message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Hello.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.protocol != null && $Object.hasOwnProperty.call(message, "protocol") && message.protocol !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocol);
            if (message.appId != null && $Object.hasOwnProperty.call(message, "appId") && message.appId !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.appId);
            if (message.workspaceId != null && $Object.hasOwnProperty.call(message, "workspaceId") && message.workspaceId !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.workspaceId);
            if (message.deviceId != null && $Object.hasOwnProperty.call(message, "deviceId") && message.deviceId !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.deviceId);
            if (message.adToken != null && $Object.hasOwnProperty.call(message, "adToken") && message.adToken !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.adToken);
            if (message.deviceKey != null && $Object.hasOwnProperty.call(message, "deviceKey") && message.deviceKey.length)
                writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.deviceKey);
            if (message.userId != null && $Object.hasOwnProperty.call(message, "userId") && message.userId !== "")
                writer.uint32(/* id 7, wireType 2 =*/58).string(message.userId);
            if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId !== "")
                writer.uint32(/* id 8, wireType 2 =*/66).string(message.sessionId);
            if (message.os != null && $Object.hasOwnProperty.call(message, "os") && message.os !== "")
                writer.uint32(/* id 9, wireType 2 =*/74).string(message.os);
            if (message.appVersion != null && $Object.hasOwnProperty.call(message, "appVersion") && message.appVersion !== "")
                writer.uint32(/* id 10, wireType 2 =*/82).string(message.appVersion);
            if (message.foreground != null && $Object.hasOwnProperty.call(message, "foreground") && message.foreground !== false)
                writer.uint32(/* id 11, wireType 0 =*/88).bool(message.foreground);
            if (message.capabilities != null && message.capabilities.length)
                for (let i = 0; i < message.capabilities.length; ++i)
                    writer.uint32(/* id 12, wireType 2 =*/98).string(message.capabilities[i]);
            if (message.heartbeatSec != null && $Object.hasOwnProperty.call(message, "heartbeatSec") && message.heartbeatSec !== 0)
                writer.uint32(/* id 13, wireType 0 =*/104).uint32(message.heartbeatSec);
            if (message.syncPoints != null && message.syncPoints.length)
                for (let i = 0; i < message.syncPoints.length; ++i)
                    $root.longlink.SyncPoint.encode(message.syncPoints[i], writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
            if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                writer.uint32(/* id 15, wireType 2 =*/122).string(message.model);
            if (message.sdkVersion != null && $Object.hasOwnProperty.call(message, "sdkVersion") && message.sdkVersion !== "")
                writer.uint32(/* id 16, wireType 2 =*/130).string(message.sdkVersion);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Hello message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Hello
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Hello & longlink.Hello.$Shape} Hello
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Hello.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Hello();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.protocol = value;
                        else
                            delete message.protocol;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.appId = value;
                        else
                            delete message.appId;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.workspaceId = value;
                        else
                            delete message.workspaceId;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.deviceId = value;
                        else
                            delete message.deviceId;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.adToken = value;
                        else
                            delete message.adToken;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.deviceKey = value;
                        else
                            delete message.deviceKey;
                        continue;
                    }
                case 7: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.userId = value;
                        else
                            delete message.userId;
                        continue;
                    }
                case 8: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.sessionId = value;
                        else
                            delete message.sessionId;
                        continue;
                    }
                case 9: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.os = value;
                        else
                            delete message.os;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.appVersion = value;
                        else
                            delete message.appVersion;
                        continue;
                    }
                case 11: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.foreground = value;
                        else
                            delete message.foreground;
                        continue;
                    }
                case 12: {
                        if (wireType !== 2)
                            break;
                        if (!(message.capabilities && message.capabilities.length))
                            message.capabilities = [];
                        message.capabilities.push(reader.stringVerify());
                        continue;
                    }
                case 13: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.heartbeatSec = value;
                        else
                            delete message.heartbeatSec;
                        continue;
                    }
                case 14: {
                        if (wireType !== 2)
                            break;
                        if (!(message.syncPoints && message.syncPoints.length))
                            message.syncPoints = [];
                        message.syncPoints.push($root.longlink.SyncPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 15: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.model = value;
                        else
                            delete message.model;
                        continue;
                    }
                case 16: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.sdkVersion = value;
                        else
                            delete message.sdkVersion;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Hello;
    })();

    longlink.Welcome = (function() {

        /**
         * Properties of a Welcome.
         * @typedef {Object} longlink.Welcome.$Properties
         * @property {number|Long|null} [session] Welcome session
         * @property {string|null} [adToken] Welcome adToken
         * @property {Uint8Array|null} [deviceKey] Welcome deviceKey
         * @property {number|null} [heartbeatSec] Welcome heartbeatSec
         * @property {number|Long|null} [serverTimeMs] Welcome serverTimeMs
         * @property {Array.<longlink.SyncPoint.$Properties>|null} [correctedPoints] Welcome correctedPoints
         * @property {number|null} [bindSeq] Welcome bindSeq
         * @property {number|null} [maxFrameBytes] Welcome maxFrameBytes
         * @property {boolean|null} [userBound] Welcome userBound
         * @property {string|null} [result] Welcome result
         * @property {string|null} [boundUser] Welcome boundUser
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Welcome.
         * @memberof longlink
         * @interface IWelcome
         * @augments longlink.Welcome.$Properties
         * @deprecated Use longlink.Welcome.$Properties instead.
         */

        /**
         * Shape of a Welcome.
         * @typedef {longlink.Welcome.$Properties} longlink.Welcome.$Shape
         */

        /**
         * Constructs a new Welcome.
         * @memberof longlink
         * @classdesc Represents a Welcome.
         * @constructor
         * @param {longlink.Welcome.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Welcome = function (properties) {
            this.correctedPoints = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Welcome session.
         * @member {number|Long} session
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.session = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Welcome adToken.
         * @member {string} adToken
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.adToken = "";

        /**
         * Welcome deviceKey.
         * @member {Uint8Array} deviceKey
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.deviceKey = $util.newBuffer([]);

        /**
         * Welcome heartbeatSec.
         * @member {number} heartbeatSec
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.heartbeatSec = 0;

        /**
         * Welcome serverTimeMs.
         * @member {number|Long} serverTimeMs
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.serverTimeMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Welcome correctedPoints.
         * @member {Array.<longlink.SyncPoint.$Properties>} correctedPoints
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.correctedPoints = $util.emptyArray;

        /**
         * Welcome bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.bindSeq = 0;

        /**
         * Welcome maxFrameBytes.
         * @member {number} maxFrameBytes
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.maxFrameBytes = 0;

        /**
         * Welcome userBound.
         * @member {boolean} userBound
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.userBound = false;

        /**
         * Welcome result.
         * @member {string} result
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.result = "";

        /**
         * Welcome boundUser.
         * @member {string} boundUser
         * @memberof longlink.Welcome
         * @instance
         */
        Welcome.prototype.boundUser = "";

        /**
         * Creates a new Welcome instance using the specified properties.
         * @function create
         * @memberof longlink.Welcome
         * @static
         * @param {longlink.Welcome.$Properties=} [properties] Properties to set
         * @returns {longlink.Welcome} Welcome instance
         * @type {{
         *   (properties: longlink.Welcome.$Shape): longlink.Welcome & longlink.Welcome.$Shape;
         *   (properties?: longlink.Welcome.$Properties): longlink.Welcome;
         * }}
         */
        Welcome.create = function(properties) {
            return new Welcome(properties);
        };

        /**
         * Encodes the specified Welcome message. Does not implicitly {@link longlink.Welcome.verify|verify} messages.
         * @function encode
         * @memberof longlink.Welcome
         * @static
         * @param {longlink.Welcome.$Properties} message Welcome message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Welcome.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.session != null && $Object.hasOwnProperty.call(message, "session") && (typeof message.session === "object" ? message.session.low || message.session.high : message.session !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.session);
            if (message.adToken != null && $Object.hasOwnProperty.call(message, "adToken") && message.adToken !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.adToken);
            if (message.deviceKey != null && $Object.hasOwnProperty.call(message, "deviceKey") && message.deviceKey.length)
                writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.deviceKey);
            if (message.heartbeatSec != null && $Object.hasOwnProperty.call(message, "heartbeatSec") && message.heartbeatSec !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.heartbeatSec);
            if (message.serverTimeMs != null && $Object.hasOwnProperty.call(message, "serverTimeMs") && (typeof message.serverTimeMs === "object" ? message.serverTimeMs.low || message.serverTimeMs.high : message.serverTimeMs !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.serverTimeMs);
            if (message.correctedPoints != null && message.correctedPoints.length)
                for (let i = 0; i < message.correctedPoints.length; ++i)
                    $root.longlink.SyncPoint.encode(message.correctedPoints[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 7, wireType 0 =*/56).uint32(message.bindSeq);
            if (message.maxFrameBytes != null && $Object.hasOwnProperty.call(message, "maxFrameBytes") && message.maxFrameBytes !== 0)
                writer.uint32(/* id 8, wireType 0 =*/64).uint32(message.maxFrameBytes);
            if (message.userBound != null && $Object.hasOwnProperty.call(message, "userBound") && message.userBound !== false)
                writer.uint32(/* id 9, wireType 0 =*/72).bool(message.userBound);
            if (message.result != null && $Object.hasOwnProperty.call(message, "result") && message.result !== "")
                writer.uint32(/* id 10, wireType 2 =*/82).string(message.result);
            if (message.boundUser != null && $Object.hasOwnProperty.call(message, "boundUser") && message.boundUser !== "")
                writer.uint32(/* id 11, wireType 2 =*/90).string(message.boundUser);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Welcome message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Welcome
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Welcome & longlink.Welcome.$Shape} Welcome
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Welcome.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Welcome();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.session = value;
                        else
                            delete message.session;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.adToken = value;
                        else
                            delete message.adToken;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.deviceKey = value;
                        else
                            delete message.deviceKey;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.heartbeatSec = value;
                        else
                            delete message.heartbeatSec;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.serverTimeMs = value;
                        else
                            delete message.serverTimeMs;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.correctedPoints && message.correctedPoints.length))
                            message.correctedPoints = [];
                        message.correctedPoints.push($root.longlink.SyncPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.maxFrameBytes = value;
                        else
                            delete message.maxFrameBytes;
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.userBound = value;
                        else
                            delete message.userBound;
                        continue;
                    }
                case 10: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.result = value;
                        else
                            delete message.result;
                        continue;
                    }
                case 11: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.boundUser = value;
                        else
                            delete message.boundUser;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Welcome;
    })();

    longlink.Ping = (function() {

        /**
         * Properties of a Ping.
         * @typedef {Object} longlink.Ping.$Properties
         * @property {number|Long|null} [clientTimeMs] Ping clientTimeMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Ping.
         * @memberof longlink
         * @interface IPing
         * @augments longlink.Ping.$Properties
         * @deprecated Use longlink.Ping.$Properties instead.
         */

        /**
         * Shape of a Ping.
         * @typedef {longlink.Ping.$Properties} longlink.Ping.$Shape
         */

        /**
         * Constructs a new Ping.
         * @memberof longlink
         * @classdesc Represents a Ping.
         * @constructor
         * @param {longlink.Ping.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Ping = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Ping clientTimeMs.
         * @member {number|Long} clientTimeMs
         * @memberof longlink.Ping
         * @instance
         */
        Ping.prototype.clientTimeMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Creates a new Ping instance using the specified properties.
         * @function create
         * @memberof longlink.Ping
         * @static
         * @param {longlink.Ping.$Properties=} [properties] Properties to set
         * @returns {longlink.Ping} Ping instance
         * @type {{
         *   (properties: longlink.Ping.$Shape): longlink.Ping & longlink.Ping.$Shape;
         *   (properties?: longlink.Ping.$Properties): longlink.Ping;
         * }}
         */
        Ping.create = function(properties) {
            return new Ping(properties);
        };

        /**
         * Encodes the specified Ping message. Does not implicitly {@link longlink.Ping.verify|verify} messages.
         * @function encode
         * @memberof longlink.Ping
         * @static
         * @param {longlink.Ping.$Properties} message Ping message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Ping.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.clientTimeMs != null && $Object.hasOwnProperty.call(message, "clientTimeMs") && (typeof message.clientTimeMs === "object" ? message.clientTimeMs.low || message.clientTimeMs.high : message.clientTimeMs !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.clientTimeMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Ping message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Ping
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Ping & longlink.Ping.$Shape} Ping
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Ping.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Ping();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.clientTimeMs = value;
                        else
                            delete message.clientTimeMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Ping;
    })();

    longlink.Pong = (function() {

        /**
         * Properties of a Pong.
         * @typedef {Object} longlink.Pong.$Properties
         * @property {number|Long|null} [clientTimeMs] Pong clientTimeMs
         * @property {number|Long|null} [serverTimeMs] Pong serverTimeMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Pong.
         * @memberof longlink
         * @interface IPong
         * @augments longlink.Pong.$Properties
         * @deprecated Use longlink.Pong.$Properties instead.
         */

        /**
         * Shape of a Pong.
         * @typedef {longlink.Pong.$Properties} longlink.Pong.$Shape
         */

        /**
         * Constructs a new Pong.
         * @memberof longlink
         * @classdesc Represents a Pong.
         * @constructor
         * @param {longlink.Pong.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Pong = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Pong clientTimeMs.
         * @member {number|Long} clientTimeMs
         * @memberof longlink.Pong
         * @instance
         */
        Pong.prototype.clientTimeMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Pong serverTimeMs.
         * @member {number|Long} serverTimeMs
         * @memberof longlink.Pong
         * @instance
         */
        Pong.prototype.serverTimeMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Creates a new Pong instance using the specified properties.
         * @function create
         * @memberof longlink.Pong
         * @static
         * @param {longlink.Pong.$Properties=} [properties] Properties to set
         * @returns {longlink.Pong} Pong instance
         * @type {{
         *   (properties: longlink.Pong.$Shape): longlink.Pong & longlink.Pong.$Shape;
         *   (properties?: longlink.Pong.$Properties): longlink.Pong;
         * }}
         */
        Pong.create = function(properties) {
            return new Pong(properties);
        };

        /**
         * Encodes the specified Pong message. Does not implicitly {@link longlink.Pong.verify|verify} messages.
         * @function encode
         * @memberof longlink.Pong
         * @static
         * @param {longlink.Pong.$Properties} message Pong message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Pong.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.clientTimeMs != null && $Object.hasOwnProperty.call(message, "clientTimeMs") && (typeof message.clientTimeMs === "object" ? message.clientTimeMs.low || message.clientTimeMs.high : message.clientTimeMs !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.clientTimeMs);
            if (message.serverTimeMs != null && $Object.hasOwnProperty.call(message, "serverTimeMs") && (typeof message.serverTimeMs === "object" ? message.serverTimeMs.low || message.serverTimeMs.high : message.serverTimeMs !== 0))
                writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.serverTimeMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Pong message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Pong
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Pong & longlink.Pong.$Shape} Pong
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Pong.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Pong();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.clientTimeMs = value;
                        else
                            delete message.clientTimeMs;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.serverTimeMs = value;
                        else
                            delete message.serverTimeMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Pong;
    })();

    longlink.Oplog = (function() {

        /**
         * Properties of an Oplog.
         * @typedef {Object} longlink.Oplog.$Properties
         * @property {number|Long|null} [id] Oplog id
         * @property {Uint8Array|null} [payload] Oplog payload
         * @property {boolean|null} [binary] Oplog binary
         * @property {string|null} [thirdMsgId] Oplog thirdMsgId
         * @property {number|Long|null} [acceptedMs] Oplog acceptedMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Oplog.
         * @memberof longlink
         * @interface IOplog
         * @augments longlink.Oplog.$Properties
         * @deprecated Use longlink.Oplog.$Properties instead.
         */

        /**
         * Shape of an Oplog.
         * @typedef {longlink.Oplog.$Properties} longlink.Oplog.$Shape
         */

        /**
         * Constructs a new Oplog.
         * @memberof longlink
         * @classdesc Represents an Oplog.
         * @constructor
         * @param {longlink.Oplog.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Oplog = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Oplog id.
         * @member {number|Long} id
         * @memberof longlink.Oplog
         * @instance
         */
        Oplog.prototype.id = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Oplog payload.
         * @member {Uint8Array} payload
         * @memberof longlink.Oplog
         * @instance
         */
        Oplog.prototype.payload = $util.newBuffer([]);

        /**
         * Oplog binary.
         * @member {boolean} binary
         * @memberof longlink.Oplog
         * @instance
         */
        Oplog.prototype.binary = false;

        /**
         * Oplog thirdMsgId.
         * @member {string} thirdMsgId
         * @memberof longlink.Oplog
         * @instance
         */
        Oplog.prototype.thirdMsgId = "";

        /**
         * Oplog acceptedMs.
         * @member {number|Long} acceptedMs
         * @memberof longlink.Oplog
         * @instance
         */
        Oplog.prototype.acceptedMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Creates a new Oplog instance using the specified properties.
         * @function create
         * @memberof longlink.Oplog
         * @static
         * @param {longlink.Oplog.$Properties=} [properties] Properties to set
         * @returns {longlink.Oplog} Oplog instance
         * @type {{
         *   (properties: longlink.Oplog.$Shape): longlink.Oplog & longlink.Oplog.$Shape;
         *   (properties?: longlink.Oplog.$Properties): longlink.Oplog;
         * }}
         */
        Oplog.create = function(properties) {
            return new Oplog(properties);
        };

        /**
         * Encodes the specified Oplog message. Does not implicitly {@link longlink.Oplog.verify|verify} messages.
         * @function encode
         * @memberof longlink.Oplog
         * @static
         * @param {longlink.Oplog.$Properties} message Oplog message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Oplog.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.id != null && $Object.hasOwnProperty.call(message, "id") && (typeof message.id === "object" ? message.id.low || message.id.high : message.id !== 0))
                writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.id);
            if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
                writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.payload);
            if (message.binary != null && $Object.hasOwnProperty.call(message, "binary") && message.binary !== false)
                writer.uint32(/* id 3, wireType 0 =*/24).bool(message.binary);
            if (message.thirdMsgId != null && $Object.hasOwnProperty.call(message, "thirdMsgId") && message.thirdMsgId !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.thirdMsgId);
            if (message.acceptedMs != null && $Object.hasOwnProperty.call(message, "acceptedMs") && (typeof message.acceptedMs === "object" ? message.acceptedMs.low || message.acceptedMs.high : message.acceptedMs !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.acceptedMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Oplog message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Oplog
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Oplog & longlink.Oplog.$Shape} Oplog
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Oplog.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Oplog();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.id = value;
                        else
                            delete message.id;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.bytes()).length)
                            message.payload = value;
                        else
                            delete message.payload;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.binary = value;
                        else
                            delete message.binary;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.thirdMsgId = value;
                        else
                            delete message.thirdMsgId;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.acceptedMs = value;
                        else
                            delete message.acceptedMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Oplog;
    })();

    longlink.Sync = (function() {

        /**
         * Properties of a Sync.
         * @typedef {Object} longlink.Sync.$Properties
         * @property {longlink.OwnerKind|null} [owner] Sync owner
         * @property {string|null} [bizType] Sync bizType
         * @property {number|null} [bindSeq] Sync bindSeq
         * @property {number|Long|null} [from] Sync from
         * @property {number|Long|null} [through] Sync through
         * @property {Array.<longlink.Oplog.$Properties>|null} [oplogs] Sync oplogs
         * @property {boolean|null} [transient] Sync transient
         * @property {boolean|null} [late] Sync late
         * @property {boolean|null} [serverPoint] Sync serverPoint
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Sync.
         * @memberof longlink
         * @interface ISync
         * @augments longlink.Sync.$Properties
         * @deprecated Use longlink.Sync.$Properties instead.
         */

        /**
         * Shape of a Sync.
         * @typedef {longlink.Sync.$Properties} longlink.Sync.$Shape
         */

        /**
         * Constructs a new Sync.
         * @memberof longlink
         * @classdesc Represents a Sync.
         * @constructor
         * @param {longlink.Sync.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Sync = function (properties) {
            this.oplogs = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Sync owner.
         * @member {longlink.OwnerKind} owner
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.owner = 0;

        /**
         * Sync bizType.
         * @member {string} bizType
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.bizType = "";

        /**
         * Sync bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.bindSeq = 0;

        /**
         * Sync from.
         * @member {number|Long} from
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.from = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Sync through.
         * @member {number|Long} through
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.through = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Sync oplogs.
         * @member {Array.<longlink.Oplog.$Properties>} oplogs
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.oplogs = $util.emptyArray;

        /**
         * Sync transient.
         * @member {boolean} transient
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.transient = false;

        /**
         * Sync late.
         * @member {boolean} late
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.late = false;

        /**
         * Sync serverPoint.
         * @member {boolean} serverPoint
         * @memberof longlink.Sync
         * @instance
         */
        Sync.prototype.serverPoint = false;

        /**
         * Creates a new Sync instance using the specified properties.
         * @function create
         * @memberof longlink.Sync
         * @static
         * @param {longlink.Sync.$Properties=} [properties] Properties to set
         * @returns {longlink.Sync} Sync instance
         * @type {{
         *   (properties: longlink.Sync.$Shape): longlink.Sync & longlink.Sync.$Shape;
         *   (properties?: longlink.Sync.$Properties): longlink.Sync;
         * }}
         */
        Sync.create = function(properties) {
            return new Sync(properties);
        };

        /**
         * Encodes the specified Sync message. Does not implicitly {@link longlink.Sync.verify|verify} messages.
         * @function encode
         * @memberof longlink.Sync
         * @static
         * @param {longlink.Sync.$Properties} message Sync message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Sync.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner") && message.owner !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.owner);
            if (message.bizType != null && $Object.hasOwnProperty.call(message, "bizType") && message.bizType !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.bizType);
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.bindSeq);
            if (message.from != null && $Object.hasOwnProperty.call(message, "from") && (typeof message.from === "object" ? message.from.low || message.from.high : message.from !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.from);
            if (message.through != null && $Object.hasOwnProperty.call(message, "through") && (typeof message.through === "object" ? message.through.low || message.through.high : message.through !== 0))
                writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.through);
            if (message.oplogs != null && message.oplogs.length)
                for (let i = 0; i < message.oplogs.length; ++i)
                    $root.longlink.Oplog.encode(message.oplogs[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
            if (message.transient != null && $Object.hasOwnProperty.call(message, "transient") && message.transient !== false)
                writer.uint32(/* id 7, wireType 0 =*/56).bool(message.transient);
            if (message.late != null && $Object.hasOwnProperty.call(message, "late") && message.late !== false)
                writer.uint32(/* id 8, wireType 0 =*/64).bool(message.late);
            if (message.serverPoint != null && $Object.hasOwnProperty.call(message, "serverPoint") && message.serverPoint !== false)
                writer.uint32(/* id 9, wireType 0 =*/72).bool(message.serverPoint);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Sync message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Sync
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Sync & longlink.Sync.$Shape} Sync
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Sync.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Sync();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.owner = value;
                        else
                            delete message.owner;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.bizType = value;
                        else
                            delete message.bizType;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.from = value;
                        else
                            delete message.from;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.through = value;
                        else
                            delete message.through;
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.oplogs && message.oplogs.length))
                            message.oplogs = [];
                        message.oplogs.push($root.longlink.Oplog.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 7: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.transient = value;
                        else
                            delete message.transient;
                        continue;
                    }
                case 8: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.late = value;
                        else
                            delete message.late;
                        continue;
                    }
                case 9: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.serverPoint = value;
                        else
                            delete message.serverPoint;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Sync;
    })();

    longlink.Ack = (function() {

        /**
         * Properties of an Ack.
         * @typedef {Object} longlink.Ack.$Properties
         * @property {longlink.OwnerKind|null} [owner] Ack owner
         * @property {string|null} [bizType] Ack bizType
         * @property {number|null} [bindSeq] Ack bindSeq
         * @property {number|Long|null} [through] Ack through
         * @property {boolean|null} [transient] Ack transient
         * @property {boolean|null} [late] Ack late
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an Ack.
         * @memberof longlink
         * @interface IAck
         * @augments longlink.Ack.$Properties
         * @deprecated Use longlink.Ack.$Properties instead.
         */

        /**
         * Shape of an Ack.
         * @typedef {longlink.Ack.$Properties} longlink.Ack.$Shape
         */

        /**
         * Constructs a new Ack.
         * @memberof longlink
         * @classdesc Represents an Ack.
         * @constructor
         * @param {longlink.Ack.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Ack = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Ack owner.
         * @member {longlink.OwnerKind} owner
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.owner = 0;

        /**
         * Ack bizType.
         * @member {string} bizType
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.bizType = "";

        /**
         * Ack bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.bindSeq = 0;

        /**
         * Ack through.
         * @member {number|Long} through
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.through = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Ack transient.
         * @member {boolean} transient
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.transient = false;

        /**
         * Ack late.
         * @member {boolean} late
         * @memberof longlink.Ack
         * @instance
         */
        Ack.prototype.late = false;

        /**
         * Creates a new Ack instance using the specified properties.
         * @function create
         * @memberof longlink.Ack
         * @static
         * @param {longlink.Ack.$Properties=} [properties] Properties to set
         * @returns {longlink.Ack} Ack instance
         * @type {{
         *   (properties: longlink.Ack.$Shape): longlink.Ack & longlink.Ack.$Shape;
         *   (properties?: longlink.Ack.$Properties): longlink.Ack;
         * }}
         */
        Ack.create = function(properties) {
            return new Ack(properties);
        };

        /**
         * Encodes the specified Ack message. Does not implicitly {@link longlink.Ack.verify|verify} messages.
         * @function encode
         * @memberof longlink.Ack
         * @static
         * @param {longlink.Ack.$Properties} message Ack message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Ack.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner") && message.owner !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.owner);
            if (message.bizType != null && $Object.hasOwnProperty.call(message, "bizType") && message.bizType !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.bizType);
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.bindSeq);
            if (message.through != null && $Object.hasOwnProperty.call(message, "through") && (typeof message.through === "object" ? message.through.low || message.through.high : message.through !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.through);
            if (message.transient != null && $Object.hasOwnProperty.call(message, "transient") && message.transient !== false)
                writer.uint32(/* id 5, wireType 0 =*/40).bool(message.transient);
            if (message.late != null && $Object.hasOwnProperty.call(message, "late") && message.late !== false)
                writer.uint32(/* id 6, wireType 0 =*/48).bool(message.late);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an Ack message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Ack
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Ack & longlink.Ack.$Shape} Ack
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Ack.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Ack();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.owner = value;
                        else
                            delete message.owner;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.bizType = value;
                        else
                            delete message.bizType;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.through = value;
                        else
                            delete message.through;
                        continue;
                    }
                case 5: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.transient = value;
                        else
                            delete message.transient;
                        continue;
                    }
                case 6: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.late = value;
                        else
                            delete message.late;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Ack;
    })();

    longlink.BindUser = (function() {

        /**
         * Properties of a BindUser.
         * @typedef {Object} longlink.BindUser.$Properties
         * @property {number|null} [request] BindUser request
         * @property {string|null} [userId] BindUser userId
         * @property {string|null} [sessionId] BindUser sessionId
         * @property {Array.<longlink.SyncPoint.$Properties>|null} [syncPoints] BindUser syncPoints
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BindUser.
         * @memberof longlink
         * @interface IBindUser
         * @augments longlink.BindUser.$Properties
         * @deprecated Use longlink.BindUser.$Properties instead.
         */

        /**
         * Shape of a BindUser.
         * @typedef {longlink.BindUser.$Properties} longlink.BindUser.$Shape
         */

        /**
         * Constructs a new BindUser.
         * @memberof longlink
         * @classdesc Represents a BindUser.
         * @constructor
         * @param {longlink.BindUser.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BindUser = function (properties) {
            this.syncPoints = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BindUser request.
         * @member {number} request
         * @memberof longlink.BindUser
         * @instance
         */
        BindUser.prototype.request = 0;

        /**
         * BindUser userId.
         * @member {string} userId
         * @memberof longlink.BindUser
         * @instance
         */
        BindUser.prototype.userId = "";

        /**
         * BindUser sessionId.
         * @member {string} sessionId
         * @memberof longlink.BindUser
         * @instance
         */
        BindUser.prototype.sessionId = "";

        /**
         * BindUser syncPoints.
         * @member {Array.<longlink.SyncPoint.$Properties>} syncPoints
         * @memberof longlink.BindUser
         * @instance
         */
        BindUser.prototype.syncPoints = $util.emptyArray;

        /**
         * Creates a new BindUser instance using the specified properties.
         * @function create
         * @memberof longlink.BindUser
         * @static
         * @param {longlink.BindUser.$Properties=} [properties] Properties to set
         * @returns {longlink.BindUser} BindUser instance
         * @type {{
         *   (properties: longlink.BindUser.$Shape): longlink.BindUser & longlink.BindUser.$Shape;
         *   (properties?: longlink.BindUser.$Properties): longlink.BindUser;
         * }}
         */
        BindUser.create = function(properties) {
            return new BindUser(properties);
        };

        /**
         * Encodes the specified BindUser message. Does not implicitly {@link longlink.BindUser.verify|verify} messages.
         * @function encode
         * @memberof longlink.BindUser
         * @static
         * @param {longlink.BindUser.$Properties} message BindUser message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BindUser.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.userId != null && $Object.hasOwnProperty.call(message, "userId") && message.userId !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.userId);
            if (message.sessionId != null && $Object.hasOwnProperty.call(message, "sessionId") && message.sessionId !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.sessionId);
            if (message.syncPoints != null && message.syncPoints.length)
                for (let i = 0; i < message.syncPoints.length; ++i)
                    $root.longlink.SyncPoint.encode(message.syncPoints[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BindUser message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.BindUser
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.BindUser & longlink.BindUser.$Shape} BindUser
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BindUser.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.BindUser();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.userId = value;
                        else
                            delete message.userId;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.sessionId = value;
                        else
                            delete message.sessionId;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if (!(message.syncPoints && message.syncPoints.length))
                            message.syncPoints = [];
                        message.syncPoints.push($root.longlink.SyncPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return BindUser;
    })();

    longlink.UnbindUser = (function() {

        /**
         * Properties of an UnbindUser.
         * @typedef {Object} longlink.UnbindUser.$Properties
         * @property {number|null} [request] UnbindUser request
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an UnbindUser.
         * @memberof longlink
         * @interface IUnbindUser
         * @augments longlink.UnbindUser.$Properties
         * @deprecated Use longlink.UnbindUser.$Properties instead.
         */

        /**
         * Shape of an UnbindUser.
         * @typedef {longlink.UnbindUser.$Properties} longlink.UnbindUser.$Shape
         */

        /**
         * Constructs a new UnbindUser.
         * @memberof longlink
         * @classdesc Represents an UnbindUser.
         * @constructor
         * @param {longlink.UnbindUser.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const UnbindUser = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * UnbindUser request.
         * @member {number} request
         * @memberof longlink.UnbindUser
         * @instance
         */
        UnbindUser.prototype.request = 0;

        /**
         * Creates a new UnbindUser instance using the specified properties.
         * @function create
         * @memberof longlink.UnbindUser
         * @static
         * @param {longlink.UnbindUser.$Properties=} [properties] Properties to set
         * @returns {longlink.UnbindUser} UnbindUser instance
         * @type {{
         *   (properties: longlink.UnbindUser.$Shape): longlink.UnbindUser & longlink.UnbindUser.$Shape;
         *   (properties?: longlink.UnbindUser.$Properties): longlink.UnbindUser;
         * }}
         */
        UnbindUser.create = function(properties) {
            return new UnbindUser(properties);
        };

        /**
         * Encodes the specified UnbindUser message. Does not implicitly {@link longlink.UnbindUser.verify|verify} messages.
         * @function encode
         * @memberof longlink.UnbindUser
         * @static
         * @param {longlink.UnbindUser.$Properties} message UnbindUser message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        UnbindUser.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an UnbindUser message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.UnbindUser
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.UnbindUser & longlink.UnbindUser.$Shape} UnbindUser
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        UnbindUser.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.UnbindUser();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return UnbindUser;
    })();

    longlink.BindAlias = (function() {

        /**
         * Properties of a BindAlias.
         * @typedef {Object} longlink.BindAlias.$Properties
         * @property {number|null} [request] BindAlias request
         * @property {string|null} [alias] BindAlias alias
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a BindAlias.
         * @memberof longlink
         * @interface IBindAlias
         * @augments longlink.BindAlias.$Properties
         * @deprecated Use longlink.BindAlias.$Properties instead.
         */

        /**
         * Shape of a BindAlias.
         * @typedef {longlink.BindAlias.$Properties} longlink.BindAlias.$Shape
         */

        /**
         * Constructs a new BindAlias.
         * @memberof longlink
         * @classdesc Represents a BindAlias.
         * @constructor
         * @param {longlink.BindAlias.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const BindAlias = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * BindAlias request.
         * @member {number} request
         * @memberof longlink.BindAlias
         * @instance
         */
        BindAlias.prototype.request = 0;

        /**
         * BindAlias alias.
         * @member {string} alias
         * @memberof longlink.BindAlias
         * @instance
         */
        BindAlias.prototype.alias = "";

        /**
         * Creates a new BindAlias instance using the specified properties.
         * @function create
         * @memberof longlink.BindAlias
         * @static
         * @param {longlink.BindAlias.$Properties=} [properties] Properties to set
         * @returns {longlink.BindAlias} BindAlias instance
         * @type {{
         *   (properties: longlink.BindAlias.$Shape): longlink.BindAlias & longlink.BindAlias.$Shape;
         *   (properties?: longlink.BindAlias.$Properties): longlink.BindAlias;
         * }}
         */
        BindAlias.create = function(properties) {
            return new BindAlias(properties);
        };

        /**
         * Encodes the specified BindAlias message. Does not implicitly {@link longlink.BindAlias.verify|verify} messages.
         * @function encode
         * @memberof longlink.BindAlias
         * @static
         * @param {longlink.BindAlias.$Properties} message BindAlias message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        BindAlias.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.alias != null && $Object.hasOwnProperty.call(message, "alias") && message.alias !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.alias);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a BindAlias message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.BindAlias
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.BindAlias & longlink.BindAlias.$Shape} BindAlias
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        BindAlias.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.BindAlias();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.alias = value;
                        else
                            delete message.alias;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return BindAlias;
    })();

    longlink.UnbindAlias = (function() {

        /**
         * Properties of an UnbindAlias.
         * @typedef {Object} longlink.UnbindAlias.$Properties
         * @property {number|null} [request] UnbindAlias request
         * @property {string|null} [alias] UnbindAlias alias
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an UnbindAlias.
         * @memberof longlink
         * @interface IUnbindAlias
         * @augments longlink.UnbindAlias.$Properties
         * @deprecated Use longlink.UnbindAlias.$Properties instead.
         */

        /**
         * Shape of an UnbindAlias.
         * @typedef {longlink.UnbindAlias.$Properties} longlink.UnbindAlias.$Shape
         */

        /**
         * Constructs a new UnbindAlias.
         * @memberof longlink
         * @classdesc Represents an UnbindAlias.
         * @constructor
         * @param {longlink.UnbindAlias.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const UnbindAlias = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * UnbindAlias request.
         * @member {number} request
         * @memberof longlink.UnbindAlias
         * @instance
         */
        UnbindAlias.prototype.request = 0;

        /**
         * UnbindAlias alias.
         * @member {string} alias
         * @memberof longlink.UnbindAlias
         * @instance
         */
        UnbindAlias.prototype.alias = "";

        /**
         * Creates a new UnbindAlias instance using the specified properties.
         * @function create
         * @memberof longlink.UnbindAlias
         * @static
         * @param {longlink.UnbindAlias.$Properties=} [properties] Properties to set
         * @returns {longlink.UnbindAlias} UnbindAlias instance
         * @type {{
         *   (properties: longlink.UnbindAlias.$Shape): longlink.UnbindAlias & longlink.UnbindAlias.$Shape;
         *   (properties?: longlink.UnbindAlias.$Properties): longlink.UnbindAlias;
         * }}
         */
        UnbindAlias.create = function(properties) {
            return new UnbindAlias(properties);
        };

        /**
         * Encodes the specified UnbindAlias message. Does not implicitly {@link longlink.UnbindAlias.verify|verify} messages.
         * @function encode
         * @memberof longlink.UnbindAlias
         * @static
         * @param {longlink.UnbindAlias.$Properties} message UnbindAlias message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        UnbindAlias.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.alias != null && $Object.hasOwnProperty.call(message, "alias") && message.alias !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.alias);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an UnbindAlias message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.UnbindAlias
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.UnbindAlias & longlink.UnbindAlias.$Shape} UnbindAlias
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        UnbindAlias.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.UnbindAlias();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.alias = value;
                        else
                            delete message.alias;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return UnbindAlias;
    })();

    longlink.ListAliases = (function() {

        /**
         * Properties of a ListAliases.
         * @typedef {Object} longlink.ListAliases.$Properties
         * @property {number|null} [request] ListAliases request
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ListAliases.
         * @memberof longlink
         * @interface IListAliases
         * @augments longlink.ListAliases.$Properties
         * @deprecated Use longlink.ListAliases.$Properties instead.
         */

        /**
         * Shape of a ListAliases.
         * @typedef {longlink.ListAliases.$Properties} longlink.ListAliases.$Shape
         */

        /**
         * Constructs a new ListAliases.
         * @memberof longlink
         * @classdesc Represents a ListAliases.
         * @constructor
         * @param {longlink.ListAliases.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ListAliases = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ListAliases request.
         * @member {number} request
         * @memberof longlink.ListAliases
         * @instance
         */
        ListAliases.prototype.request = 0;

        /**
         * Creates a new ListAliases instance using the specified properties.
         * @function create
         * @memberof longlink.ListAliases
         * @static
         * @param {longlink.ListAliases.$Properties=} [properties] Properties to set
         * @returns {longlink.ListAliases} ListAliases instance
         * @type {{
         *   (properties: longlink.ListAliases.$Shape): longlink.ListAliases & longlink.ListAliases.$Shape;
         *   (properties?: longlink.ListAliases.$Properties): longlink.ListAliases;
         * }}
         */
        ListAliases.create = function(properties) {
            return new ListAliases(properties);
        };

        /**
         * Encodes the specified ListAliases message. Does not implicitly {@link longlink.ListAliases.verify|verify} messages.
         * @function encode
         * @memberof longlink.ListAliases
         * @static
         * @param {longlink.ListAliases.$Properties} message ListAliases message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ListAliases.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ListAliases message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.ListAliases
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.ListAliases & longlink.ListAliases.$Shape} ListAliases
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ListAliases.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.ListAliases();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ListAliases;
    })();

    longlink.AppState = (function() {

        /**
         * Properties of an AppState.
         * @typedef {Object} longlink.AppState.$Properties
         * @property {boolean|null} [foreground] AppState foreground
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an AppState.
         * @memberof longlink
         * @interface IAppState
         * @augments longlink.AppState.$Properties
         * @deprecated Use longlink.AppState.$Properties instead.
         */

        /**
         * Shape of an AppState.
         * @typedef {longlink.AppState.$Properties} longlink.AppState.$Shape
         */

        /**
         * Constructs a new AppState.
         * @memberof longlink
         * @classdesc Represents an AppState.
         * @constructor
         * @param {longlink.AppState.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const AppState = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * AppState foreground.
         * @member {boolean} foreground
         * @memberof longlink.AppState
         * @instance
         */
        AppState.prototype.foreground = false;

        /**
         * Creates a new AppState instance using the specified properties.
         * @function create
         * @memberof longlink.AppState
         * @static
         * @param {longlink.AppState.$Properties=} [properties] Properties to set
         * @returns {longlink.AppState} AppState instance
         * @type {{
         *   (properties: longlink.AppState.$Shape): longlink.AppState & longlink.AppState.$Shape;
         *   (properties?: longlink.AppState.$Properties): longlink.AppState;
         * }}
         */
        AppState.create = function(properties) {
            return new AppState(properties);
        };

        /**
         * Encodes the specified AppState message. Does not implicitly {@link longlink.AppState.verify|verify} messages.
         * @function encode
         * @memberof longlink.AppState
         * @static
         * @param {longlink.AppState.$Properties} message AppState message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        AppState.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.foreground != null && $Object.hasOwnProperty.call(message, "foreground") && message.foreground !== false)
                writer.uint32(/* id 1, wireType 0 =*/8).bool(message.foreground);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an AppState message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.AppState
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.AppState & longlink.AppState.$Shape} AppState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        AppState.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.AppState();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.bool())
                            message.foreground = value;
                        else
                            delete message.foreground;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return AppState;
    })();

    longlink.RegisterBiz = (function() {

        /**
         * Properties of a RegisterBiz.
         * @typedef {Object} longlink.RegisterBiz.$Properties
         * @property {number|null} [request] RegisterBiz request
         * @property {Array.<longlink.SyncPoint.$Properties>|null} [syncPoints] RegisterBiz syncPoints
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a RegisterBiz.
         * @memberof longlink
         * @interface IRegisterBiz
         * @augments longlink.RegisterBiz.$Properties
         * @deprecated Use longlink.RegisterBiz.$Properties instead.
         */

        /**
         * Shape of a RegisterBiz.
         * @typedef {longlink.RegisterBiz.$Properties} longlink.RegisterBiz.$Shape
         */

        /**
         * Constructs a new RegisterBiz.
         * @memberof longlink
         * @classdesc Represents a RegisterBiz.
         * @constructor
         * @param {longlink.RegisterBiz.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const RegisterBiz = function (properties) {
            this.syncPoints = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * RegisterBiz request.
         * @member {number} request
         * @memberof longlink.RegisterBiz
         * @instance
         */
        RegisterBiz.prototype.request = 0;

        /**
         * RegisterBiz syncPoints.
         * @member {Array.<longlink.SyncPoint.$Properties>} syncPoints
         * @memberof longlink.RegisterBiz
         * @instance
         */
        RegisterBiz.prototype.syncPoints = $util.emptyArray;

        /**
         * Creates a new RegisterBiz instance using the specified properties.
         * @function create
         * @memberof longlink.RegisterBiz
         * @static
         * @param {longlink.RegisterBiz.$Properties=} [properties] Properties to set
         * @returns {longlink.RegisterBiz} RegisterBiz instance
         * @type {{
         *   (properties: longlink.RegisterBiz.$Shape): longlink.RegisterBiz & longlink.RegisterBiz.$Shape;
         *   (properties?: longlink.RegisterBiz.$Properties): longlink.RegisterBiz;
         * }}
         */
        RegisterBiz.create = function(properties) {
            return new RegisterBiz(properties);
        };

        /**
         * Encodes the specified RegisterBiz message. Does not implicitly {@link longlink.RegisterBiz.verify|verify} messages.
         * @function encode
         * @memberof longlink.RegisterBiz
         * @static
         * @param {longlink.RegisterBiz.$Properties} message RegisterBiz message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        RegisterBiz.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.syncPoints != null && message.syncPoints.length)
                for (let i = 0; i < message.syncPoints.length; ++i)
                    $root.longlink.SyncPoint.encode(message.syncPoints[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a RegisterBiz message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.RegisterBiz
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.RegisterBiz & longlink.RegisterBiz.$Shape} RegisterBiz
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        RegisterBiz.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.RegisterBiz();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.syncPoints && message.syncPoints.length))
                            message.syncPoints = [];
                        message.syncPoints.push($root.longlink.SyncPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return RegisterBiz;
    })();

    longlink.UnregisterBiz = (function() {

        /**
         * Properties of an UnregisterBiz.
         * @typedef {Object} longlink.UnregisterBiz.$Properties
         * @property {number|null} [request] UnregisterBiz request
         * @property {Array.<string>|null} [bizTypes] UnregisterBiz bizTypes
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of an UnregisterBiz.
         * @memberof longlink
         * @interface IUnregisterBiz
         * @augments longlink.UnregisterBiz.$Properties
         * @deprecated Use longlink.UnregisterBiz.$Properties instead.
         */

        /**
         * Shape of an UnregisterBiz.
         * @typedef {longlink.UnregisterBiz.$Properties} longlink.UnregisterBiz.$Shape
         */

        /**
         * Constructs a new UnregisterBiz.
         * @memberof longlink
         * @classdesc Represents an UnregisterBiz.
         * @constructor
         * @param {longlink.UnregisterBiz.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const UnregisterBiz = function (properties) {
            this.bizTypes = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * UnregisterBiz request.
         * @member {number} request
         * @memberof longlink.UnregisterBiz
         * @instance
         */
        UnregisterBiz.prototype.request = 0;

        /**
         * UnregisterBiz bizTypes.
         * @member {Array.<string>} bizTypes
         * @memberof longlink.UnregisterBiz
         * @instance
         */
        UnregisterBiz.prototype.bizTypes = $util.emptyArray;

        /**
         * Creates a new UnregisterBiz instance using the specified properties.
         * @function create
         * @memberof longlink.UnregisterBiz
         * @static
         * @param {longlink.UnregisterBiz.$Properties=} [properties] Properties to set
         * @returns {longlink.UnregisterBiz} UnregisterBiz instance
         * @type {{
         *   (properties: longlink.UnregisterBiz.$Shape): longlink.UnregisterBiz & longlink.UnregisterBiz.$Shape;
         *   (properties?: longlink.UnregisterBiz.$Properties): longlink.UnregisterBiz;
         * }}
         */
        UnregisterBiz.create = function(properties) {
            return new UnregisterBiz(properties);
        };

        /**
         * Encodes the specified UnregisterBiz message. Does not implicitly {@link longlink.UnregisterBiz.verify|verify} messages.
         * @function encode
         * @memberof longlink.UnregisterBiz
         * @static
         * @param {longlink.UnregisterBiz.$Properties} message UnregisterBiz message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        UnregisterBiz.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.bizTypes != null && message.bizTypes.length)
                for (let i = 0; i < message.bizTypes.length; ++i)
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.bizTypes[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes an UnregisterBiz message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.UnregisterBiz
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.UnregisterBiz & longlink.UnregisterBiz.$Shape} UnregisterBiz
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        UnregisterBiz.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.UnregisterBiz();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if (!(message.bizTypes && message.bizTypes.length))
                            message.bizTypes = [];
                        message.bizTypes.push(reader.stringVerify());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return UnregisterBiz;
    })();

    longlink.ReportToken = (function() {

        /**
         * Properties of a ReportToken.
         * @typedef {Object} longlink.ReportToken.$Properties
         * @property {number|null} [request] ReportToken request
         * @property {string|null} [vendor] ReportToken vendor
         * @property {string|null} [vendorToken] ReportToken vendorToken
         * @property {string|null} [appVersion] ReportToken appVersion
         * @property {string|null} [model] ReportToken model
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ReportToken.
         * @memberof longlink
         * @interface IReportToken
         * @augments longlink.ReportToken.$Properties
         * @deprecated Use longlink.ReportToken.$Properties instead.
         */

        /**
         * Shape of a ReportToken.
         * @typedef {longlink.ReportToken.$Properties} longlink.ReportToken.$Shape
         */

        /**
         * Constructs a new ReportToken.
         * @memberof longlink
         * @classdesc Represents a ReportToken.
         * @constructor
         * @param {longlink.ReportToken.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ReportToken = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ReportToken request.
         * @member {number} request
         * @memberof longlink.ReportToken
         * @instance
         */
        ReportToken.prototype.request = 0;

        /**
         * ReportToken vendor.
         * @member {string} vendor
         * @memberof longlink.ReportToken
         * @instance
         */
        ReportToken.prototype.vendor = "";

        /**
         * ReportToken vendorToken.
         * @member {string} vendorToken
         * @memberof longlink.ReportToken
         * @instance
         */
        ReportToken.prototype.vendorToken = "";

        /**
         * ReportToken appVersion.
         * @member {string} appVersion
         * @memberof longlink.ReportToken
         * @instance
         */
        ReportToken.prototype.appVersion = "";

        /**
         * ReportToken model.
         * @member {string} model
         * @memberof longlink.ReportToken
         * @instance
         */
        ReportToken.prototype.model = "";

        /**
         * Creates a new ReportToken instance using the specified properties.
         * @function create
         * @memberof longlink.ReportToken
         * @static
         * @param {longlink.ReportToken.$Properties=} [properties] Properties to set
         * @returns {longlink.ReportToken} ReportToken instance
         * @type {{
         *   (properties: longlink.ReportToken.$Shape): longlink.ReportToken & longlink.ReportToken.$Shape;
         *   (properties?: longlink.ReportToken.$Properties): longlink.ReportToken;
         * }}
         */
        ReportToken.create = function(properties) {
            return new ReportToken(properties);
        };

        /**
         * Encodes the specified ReportToken message. Does not implicitly {@link longlink.ReportToken.verify|verify} messages.
         * @function encode
         * @memberof longlink.ReportToken
         * @static
         * @param {longlink.ReportToken.$Properties} message ReportToken message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ReportToken.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.vendor != null && $Object.hasOwnProperty.call(message, "vendor") && message.vendor !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.vendor);
            if (message.vendorToken != null && $Object.hasOwnProperty.call(message, "vendorToken") && message.vendorToken !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.vendorToken);
            if (message.appVersion != null && $Object.hasOwnProperty.call(message, "appVersion") && message.appVersion !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.appVersion);
            if (message.model != null && $Object.hasOwnProperty.call(message, "model") && message.model !== "")
                writer.uint32(/* id 5, wireType 2 =*/42).string(message.model);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ReportToken message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.ReportToken
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.ReportToken & longlink.ReportToken.$Shape} ReportToken
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ReportToken.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.ReportToken();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.vendor = value;
                        else
                            delete message.vendor;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.vendorToken = value;
                        else
                            delete message.vendorToken;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.appVersion = value;
                        else
                            delete message.appVersion;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.model = value;
                        else
                            delete message.model;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ReportToken;
    })();

    longlink.ReportEvent = (function() {

        /**
         * Properties of a ReportEvent.
         * @typedef {Object} longlink.ReportEvent.$Properties
         * @property {number|null} [request] ReportEvent request
         * @property {string|null} [kind] ReportEvent kind
         * @property {string|null} [messageId] ReportEvent messageId
         * @property {number|Long|null} [atMs] ReportEvent atMs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a ReportEvent.
         * @memberof longlink
         * @interface IReportEvent
         * @augments longlink.ReportEvent.$Properties
         * @deprecated Use longlink.ReportEvent.$Properties instead.
         */

        /**
         * Shape of a ReportEvent.
         * @typedef {longlink.ReportEvent.$Properties} longlink.ReportEvent.$Shape
         */

        /**
         * Constructs a new ReportEvent.
         * @memberof longlink
         * @classdesc Represents a ReportEvent.
         * @constructor
         * @param {longlink.ReportEvent.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const ReportEvent = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * ReportEvent request.
         * @member {number} request
         * @memberof longlink.ReportEvent
         * @instance
         */
        ReportEvent.prototype.request = 0;

        /**
         * ReportEvent kind.
         * @member {string} kind
         * @memberof longlink.ReportEvent
         * @instance
         */
        ReportEvent.prototype.kind = "";

        /**
         * ReportEvent messageId.
         * @member {string} messageId
         * @memberof longlink.ReportEvent
         * @instance
         */
        ReportEvent.prototype.messageId = "";

        /**
         * ReportEvent atMs.
         * @member {number|Long} atMs
         * @memberof longlink.ReportEvent
         * @instance
         */
        ReportEvent.prototype.atMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Creates a new ReportEvent instance using the specified properties.
         * @function create
         * @memberof longlink.ReportEvent
         * @static
         * @param {longlink.ReportEvent.$Properties=} [properties] Properties to set
         * @returns {longlink.ReportEvent} ReportEvent instance
         * @type {{
         *   (properties: longlink.ReportEvent.$Shape): longlink.ReportEvent & longlink.ReportEvent.$Shape;
         *   (properties?: longlink.ReportEvent.$Properties): longlink.ReportEvent;
         * }}
         */
        ReportEvent.create = function(properties) {
            return new ReportEvent(properties);
        };

        /**
         * Encodes the specified ReportEvent message. Does not implicitly {@link longlink.ReportEvent.verify|verify} messages.
         * @function encode
         * @memberof longlink.ReportEvent
         * @static
         * @param {longlink.ReportEvent.$Properties} message ReportEvent message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        ReportEvent.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.kind);
            if (message.messageId != null && $Object.hasOwnProperty.call(message, "messageId") && message.messageId !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.messageId);
            if (message.atMs != null && $Object.hasOwnProperty.call(message, "atMs") && (typeof message.atMs === "object" ? message.atMs.low || message.atMs.high : message.atMs !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.atMs);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a ReportEvent message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.ReportEvent
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.ReportEvent & longlink.ReportEvent.$Shape} ReportEvent
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        ReportEvent.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.ReportEvent();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.kind = value;
                        else
                            delete message.kind;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.messageId = value;
                        else
                            delete message.messageId;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.atMs = value;
                        else
                            delete message.atMs;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return ReportEvent;
    })();

    longlink.Bye = (function() {

        /**
         * Properties of a Bye.
         * @typedef {Object} longlink.Bye.$Properties
         * @property {string|null} [reason] Bye reason
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Bye.
         * @memberof longlink
         * @interface IBye
         * @augments longlink.Bye.$Properties
         * @deprecated Use longlink.Bye.$Properties instead.
         */

        /**
         * Shape of a Bye.
         * @typedef {longlink.Bye.$Properties} longlink.Bye.$Shape
         */

        /**
         * Constructs a new Bye.
         * @memberof longlink
         * @classdesc Represents a Bye.
         * @constructor
         * @param {longlink.Bye.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Bye = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Bye reason.
         * @member {string} reason
         * @memberof longlink.Bye
         * @instance
         */
        Bye.prototype.reason = "";

        /**
         * Creates a new Bye instance using the specified properties.
         * @function create
         * @memberof longlink.Bye
         * @static
         * @param {longlink.Bye.$Properties=} [properties] Properties to set
         * @returns {longlink.Bye} Bye instance
         * @type {{
         *   (properties: longlink.Bye.$Shape): longlink.Bye & longlink.Bye.$Shape;
         *   (properties?: longlink.Bye.$Properties): longlink.Bye;
         * }}
         */
        Bye.create = function(properties) {
            return new Bye(properties);
        };

        /**
         * Encodes the specified Bye message. Does not implicitly {@link longlink.Bye.verify|verify} messages.
         * @function encode
         * @memberof longlink.Bye
         * @static
         * @param {longlink.Bye.$Properties} message Bye message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Bye.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.reason);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Bye message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Bye
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Bye & longlink.Bye.$Shape} Bye
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Bye.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Bye();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Bye;
    })();

    longlink.Push = (function() {

        /**
         * Properties of a Push.
         * @typedef {Object} longlink.Push.$Properties
         * @property {longlink.OwnerKind|null} [owner] Push owner
         * @property {number|null} [bindSeq] Push bindSeq
         * @property {number|Long|null} [from] Push from
         * @property {number|Long|null} [through] Push through
         * @property {Array.<longlink.Oplog.$Properties>|null} [oplogs] Push oplogs
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Push.
         * @memberof longlink
         * @interface IPush
         * @augments longlink.Push.$Properties
         * @deprecated Use longlink.Push.$Properties instead.
         */

        /**
         * Shape of a Push.
         * @typedef {longlink.Push.$Properties} longlink.Push.$Shape
         */

        /**
         * Constructs a new Push.
         * @memberof longlink
         * @classdesc Represents a Push.
         * @constructor
         * @param {longlink.Push.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Push = function (properties) {
            this.oplogs = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Push owner.
         * @member {longlink.OwnerKind} owner
         * @memberof longlink.Push
         * @instance
         */
        Push.prototype.owner = 0;

        /**
         * Push bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Push
         * @instance
         */
        Push.prototype.bindSeq = 0;

        /**
         * Push from.
         * @member {number|Long} from
         * @memberof longlink.Push
         * @instance
         */
        Push.prototype.from = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Push through.
         * @member {number|Long} through
         * @memberof longlink.Push
         * @instance
         */
        Push.prototype.through = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

        /**
         * Push oplogs.
         * @member {Array.<longlink.Oplog.$Properties>} oplogs
         * @memberof longlink.Push
         * @instance
         */
        Push.prototype.oplogs = $util.emptyArray;

        /**
         * Creates a new Push instance using the specified properties.
         * @function create
         * @memberof longlink.Push
         * @static
         * @param {longlink.Push.$Properties=} [properties] Properties to set
         * @returns {longlink.Push} Push instance
         * @type {{
         *   (properties: longlink.Push.$Shape): longlink.Push & longlink.Push.$Shape;
         *   (properties?: longlink.Push.$Properties): longlink.Push;
         * }}
         */
        Push.create = function(properties) {
            return new Push(properties);
        };

        /**
         * Encodes the specified Push message. Does not implicitly {@link longlink.Push.verify|verify} messages.
         * @function encode
         * @memberof longlink.Push
         * @static
         * @param {longlink.Push.$Properties} message Push message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Push.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner") && message.owner !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).int32(message.owner);
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.bindSeq);
            if (message.from != null && $Object.hasOwnProperty.call(message, "from") && (typeof message.from === "object" ? message.from.low || message.from.high : message.from !== 0))
                writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.from);
            if (message.through != null && $Object.hasOwnProperty.call(message, "through") && (typeof message.through === "object" ? message.through.low || message.through.high : message.through !== 0))
                writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.through);
            if (message.oplogs != null && message.oplogs.length)
                for (let i = 0; i < message.oplogs.length; ++i)
                    $root.longlink.Oplog.encode(message.oplogs[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Push message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Push
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Push & longlink.Push.$Shape} Push
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Push.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Push();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.owner = value;
                        else
                            delete message.owner;
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.from = value;
                        else
                            delete message.from;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                            message.through = value;
                        else
                            delete message.through;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if (!(message.oplogs && message.oplogs.length))
                            message.oplogs = [];
                        message.oplogs.push($root.longlink.Oplog.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Push;
    })();

    longlink.Revoke = (function() {

        /**
         * Properties of a Revoke.
         * @typedef {Object} longlink.Revoke.$Properties
         * @property {Array.<string>|null} [messageIds] Revoke messageIds
         * @property {longlink.OwnerKind|null} [owner] Revoke owner
         * @property {string|null} [bizType] Revoke bizType
         * @property {number|null} [bindSeq] Revoke bindSeq
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Revoke.
         * @memberof longlink
         * @interface IRevoke
         * @augments longlink.Revoke.$Properties
         * @deprecated Use longlink.Revoke.$Properties instead.
         */

        /**
         * Shape of a Revoke.
         * @typedef {longlink.Revoke.$Properties} longlink.Revoke.$Shape
         */

        /**
         * Constructs a new Revoke.
         * @memberof longlink
         * @classdesc Represents a Revoke.
         * @constructor
         * @param {longlink.Revoke.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Revoke = function (properties) {
            this.messageIds = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Revoke messageIds.
         * @member {Array.<string>} messageIds
         * @memberof longlink.Revoke
         * @instance
         */
        Revoke.prototype.messageIds = $util.emptyArray;

        /**
         * Revoke owner.
         * @member {longlink.OwnerKind} owner
         * @memberof longlink.Revoke
         * @instance
         */
        Revoke.prototype.owner = 0;

        /**
         * Revoke bizType.
         * @member {string} bizType
         * @memberof longlink.Revoke
         * @instance
         */
        Revoke.prototype.bizType = "";

        /**
         * Revoke bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Revoke
         * @instance
         */
        Revoke.prototype.bindSeq = 0;

        /**
         * Creates a new Revoke instance using the specified properties.
         * @function create
         * @memberof longlink.Revoke
         * @static
         * @param {longlink.Revoke.$Properties=} [properties] Properties to set
         * @returns {longlink.Revoke} Revoke instance
         * @type {{
         *   (properties: longlink.Revoke.$Shape): longlink.Revoke & longlink.Revoke.$Shape;
         *   (properties?: longlink.Revoke.$Properties): longlink.Revoke;
         * }}
         */
        Revoke.create = function(properties) {
            return new Revoke(properties);
        };

        /**
         * Encodes the specified Revoke message. Does not implicitly {@link longlink.Revoke.verify|verify} messages.
         * @function encode
         * @memberof longlink.Revoke
         * @static
         * @param {longlink.Revoke.$Properties} message Revoke message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Revoke.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.messageIds != null && message.messageIds.length)
                for (let i = 0; i < message.messageIds.length; ++i)
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.messageIds[i]);
            if (message.owner != null && $Object.hasOwnProperty.call(message, "owner") && message.owner !== 0)
                writer.uint32(/* id 2, wireType 0 =*/16).int32(message.owner);
            if (message.bizType != null && $Object.hasOwnProperty.call(message, "bizType") && message.bizType !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.bizType);
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.bindSeq);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Revoke message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Revoke
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Revoke & longlink.Revoke.$Shape} Revoke
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Revoke.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Revoke();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if (!(message.messageIds && message.messageIds.length))
                            message.messageIds = [];
                        message.messageIds.push(reader.stringVerify());
                        continue;
                    }
                case 2: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.int32())
                            message.owner = value;
                        else
                            delete message.owner;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.bizType = value;
                        else
                            delete message.bizType;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Revoke;
    })();

    longlink.Result = (function() {

        /**
         * Properties of a Result.
         * @typedef {Object} longlink.Result.$Properties
         * @property {number|null} [request] Result request
         * @property {string|null} [code] Result code
         * @property {string|null} [message] Result message
         * @property {number|null} [bindSeq] Result bindSeq
         * @property {Array.<longlink.SyncPoint.$Properties>|null} [correctedPoints] Result correctedPoints
         * @property {Array.<string>|null} [names] Result names
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Result.
         * @memberof longlink
         * @interface IResult
         * @augments longlink.Result.$Properties
         * @deprecated Use longlink.Result.$Properties instead.
         */

        /**
         * Shape of a Result.
         * @typedef {longlink.Result.$Properties} longlink.Result.$Shape
         */

        /**
         * Constructs a new Result.
         * @memberof longlink
         * @classdesc Represents a Result.
         * @constructor
         * @param {longlink.Result.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Result = function (properties) {
            this.correctedPoints = [];
            this.names = [];
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Result request.
         * @member {number} request
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.request = 0;

        /**
         * Result code.
         * @member {string} code
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.code = "";

        /**
         * Result message.
         * @member {string} message
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.message = "";

        /**
         * Result bindSeq.
         * @member {number} bindSeq
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.bindSeq = 0;

        /**
         * Result correctedPoints.
         * @member {Array.<longlink.SyncPoint.$Properties>} correctedPoints
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.correctedPoints = $util.emptyArray;

        /**
         * Result names.
         * @member {Array.<string>} names
         * @memberof longlink.Result
         * @instance
         */
        Result.prototype.names = $util.emptyArray;

        /**
         * Creates a new Result instance using the specified properties.
         * @function create
         * @memberof longlink.Result
         * @static
         * @param {longlink.Result.$Properties=} [properties] Properties to set
         * @returns {longlink.Result} Result instance
         * @type {{
         *   (properties: longlink.Result.$Shape): longlink.Result & longlink.Result.$Shape;
         *   (properties?: longlink.Result.$Properties): longlink.Result;
         * }}
         */
        Result.create = function(properties) {
            return new Result(properties);
        };

        /**
         * Encodes the specified Result message. Does not implicitly {@link longlink.Result.verify|verify} messages.
         * @function encode
         * @memberof longlink.Result
         * @static
         * @param {longlink.Result.$Properties} message Result message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Result.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.code);
            if (message.message != null && $Object.hasOwnProperty.call(message, "message") && message.message !== "")
                writer.uint32(/* id 3, wireType 2 =*/26).string(message.message);
            if (message.bindSeq != null && $Object.hasOwnProperty.call(message, "bindSeq") && message.bindSeq !== 0)
                writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.bindSeq);
            if (message.correctedPoints != null && message.correctedPoints.length)
                for (let i = 0; i < message.correctedPoints.length; ++i)
                    $root.longlink.SyncPoint.encode(message.correctedPoints[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
            if (message.names != null && message.names.length)
                for (let i = 0; i < message.names.length; ++i)
                    writer.uint32(/* id 6, wireType 2 =*/50).string(message.names[i]);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Result message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Result
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Result & longlink.Result.$Shape} Result
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Result.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Result();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.request = value;
                        else
                            delete message.request;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 3: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.message = value;
                        else
                            delete message.message;
                        continue;
                    }
                case 4: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.bindSeq = value;
                        else
                            delete message.bindSeq;
                        continue;
                    }
                case 5: {
                        if (wireType !== 2)
                            break;
                        if (!(message.correctedPoints && message.correctedPoints.length))
                            message.correctedPoints = [];
                        message.correctedPoints.push($root.longlink.SyncPoint.decode(reader, reader.size(), $undefined, _depth + 1));
                        continue;
                    }
                case 6: {
                        if (wireType !== 2)
                            break;
                        if (!(message.names && message.names.length))
                            message.names = [];
                        message.names.push(reader.stringVerify());
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Result;
    })();

    longlink.Kick = (function() {

        /**
         * Properties of a Kick.
         * @typedef {Object} longlink.Kick.$Properties
         * @property {number|null} [code] Kick code
         * @property {string|null} [reason] Kick reason
         * @property {number|null} [retryAfterMs] Kick retryAfterMs
         * @property {string|null} [redirect] Kick redirect
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Kick.
         * @memberof longlink
         * @interface IKick
         * @augments longlink.Kick.$Properties
         * @deprecated Use longlink.Kick.$Properties instead.
         */

        /**
         * Shape of a Kick.
         * @typedef {longlink.Kick.$Properties} longlink.Kick.$Shape
         */

        /**
         * Constructs a new Kick.
         * @memberof longlink
         * @classdesc Represents a Kick.
         * @constructor
         * @param {longlink.Kick.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Kick = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Kick code.
         * @member {number} code
         * @memberof longlink.Kick
         * @instance
         */
        Kick.prototype.code = 0;

        /**
         * Kick reason.
         * @member {string} reason
         * @memberof longlink.Kick
         * @instance
         */
        Kick.prototype.reason = "";

        /**
         * Kick retryAfterMs.
         * @member {number} retryAfterMs
         * @memberof longlink.Kick
         * @instance
         */
        Kick.prototype.retryAfterMs = 0;

        /**
         * Kick redirect.
         * @member {string} redirect
         * @memberof longlink.Kick
         * @instance
         */
        Kick.prototype.redirect = "";

        /**
         * Creates a new Kick instance using the specified properties.
         * @function create
         * @memberof longlink.Kick
         * @static
         * @param {longlink.Kick.$Properties=} [properties] Properties to set
         * @returns {longlink.Kick} Kick instance
         * @type {{
         *   (properties: longlink.Kick.$Shape): longlink.Kick & longlink.Kick.$Shape;
         *   (properties?: longlink.Kick.$Properties): longlink.Kick;
         * }}
         */
        Kick.create = function(properties) {
            return new Kick(properties);
        };

        /**
         * Encodes the specified Kick message. Does not implicitly {@link longlink.Kick.verify|verify} messages.
         * @function encode
         * @memberof longlink.Kick
         * @static
         * @param {longlink.Kick.$Properties} message Kick message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Kick.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.code);
            if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.reason);
            if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && message.retryAfterMs !== 0)
                writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.retryAfterMs);
            if (message.redirect != null && $Object.hasOwnProperty.call(message, "redirect") && message.redirect !== "")
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.redirect);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Kick message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Kick
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Kick & longlink.Kick.$Shape} Kick
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Kick.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Kick();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.code = value;
                        else
                            delete message.code;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.reason = value;
                        else
                            delete message.reason;
                        continue;
                    }
                case 3: {
                        if (wireType !== 0)
                            break;
                        if (value = reader.uint32())
                            message.retryAfterMs = value;
                        else
                            delete message.retryAfterMs;
                        continue;
                    }
                case 4: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.redirect = value;
                        else
                            delete message.redirect;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Kick;
    })();

    longlink.Command = (function() {

        /**
         * Properties of a Command.
         * @typedef {Object} longlink.Command.$Properties
         * @property {string|null} [name] Command name
         * @property {string|null} [body] Command body
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */

        /**
         * Properties of a Command.
         * @memberof longlink
         * @interface ICommand
         * @augments longlink.Command.$Properties
         * @deprecated Use longlink.Command.$Properties instead.
         */

        /**
         * Shape of a Command.
         * @typedef {longlink.Command.$Properties} longlink.Command.$Shape
         */

        /**
         * Constructs a new Command.
         * @memberof longlink
         * @classdesc Represents a Command.
         * @constructor
         * @param {longlink.Command.$Properties=} [properties] Properties to set
         * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
         */
        const Command = function (properties) {
            if (properties)
                for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                    if (properties[keys[i]] != null && keys[i] !== "__proto__")
                        this[keys[i]] = properties[keys[i]];
        };

        /**
         * Command name.
         * @member {string} name
         * @memberof longlink.Command
         * @instance
         */
        Command.prototype.name = "";

        /**
         * Command body.
         * @member {string} body
         * @memberof longlink.Command
         * @instance
         */
        Command.prototype.body = "";

        /**
         * Creates a new Command instance using the specified properties.
         * @function create
         * @memberof longlink.Command
         * @static
         * @param {longlink.Command.$Properties=} [properties] Properties to set
         * @returns {longlink.Command} Command instance
         * @type {{
         *   (properties: longlink.Command.$Shape): longlink.Command & longlink.Command.$Shape;
         *   (properties?: longlink.Command.$Properties): longlink.Command;
         * }}
         */
        Command.create = function(properties) {
            return new Command(properties);
        };

        /**
         * Encodes the specified Command message. Does not implicitly {@link longlink.Command.verify|verify} messages.
         * @function encode
         * @memberof longlink.Command
         * @static
         * @param {longlink.Command.$Properties} message Command message or plain object to encode
         * @param {$protobuf.Writer} [writer] Writer to encode to
         * @returns {$protobuf.Writer} Writer
         */
        Command.encode = function (message, writer, _depth) {
            if (!writer)
                writer = $Writer.create();
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $util.recursionLimit)
                throw $Error("max depth exceeded");
            if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
            if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body !== "")
                writer.uint32(/* id 2, wireType 2 =*/18).string(message.body);
            if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                for (let i = 0; i < message.$unknowns.length; ++i)
                    writer.raw(message.$unknowns[i]);
            return writer;
        };

        /**
         * Decodes a Command message from the specified reader or buffer.
         * @function decode
         * @memberof longlink.Command
         * @static
         * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
         * @param {number} [length] Message length if known beforehand
         * @returns {longlink.Command & longlink.Command.$Shape} Command
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        Command.decode = function (reader, length, _end, _depth, _target) {
            if (!(reader instanceof $Reader))
                reader = $Reader.create(reader);
            if (_depth === $undefined)
                _depth = 0;
            if (_depth > $Reader.recursionLimit)
                throw $Error("max depth exceeded");
            let end, message, value;
            if (length === $undefined)
                end = reader.len;
            else {
                end = reader.pos + length;
                if (end > reader.len)
                    throw $RangeError("index out of range");
                length = reader.len;
                reader.len = end;
            }
            message = _target || new $root.longlink.Command();
            while (reader.pos < end) {
                let start = reader.pos;
                let tag = reader.tag();
                if (tag === _end) {
                    _end = $undefined;
                    break;
                }
                let wireType = tag & 7;
                switch (tag >>>= 3) {
                case 1: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.name = value;
                        else
                            delete message.name;
                        continue;
                    }
                case 2: {
                        if (wireType !== 2)
                            break;
                        if ((value = reader.stringVerify()).length)
                            message.body = value;
                        else
                            delete message.body;
                        continue;
                    }
                }
                reader.skipType(wireType, _depth, tag);
                if (!reader.discardUnknown) {
                    $util.makeProp(message, "$unknowns", false);
                    (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                }
            }
            if (length !== $undefined) {
                if (reader.pos !== end)
                    throw $RangeError("index out of range");
                reader.len = length;
            }
            if (_end !== $undefined)
                throw $Error("missing end group");
            return message;
        };

        return Command;
    })();

    return longlink;
})();

export {
  $root as default
};
