import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace longlink. */
export namespace longlink {

    /**
     * Properties of a ClientFrame.
     * @deprecated Use longlink.ClientFrame.$Properties instead.
     */
    interface IClientFrame extends longlink.ClientFrame.$Properties {
    }

    /** Represents a ClientFrame. */
    class ClientFrame {

        /**
         * Constructs a new ClientFrame.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.ClientFrame.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ClientFrame hello. */
        hello?: (longlink.Hello.$Properties|null);

        /** ClientFrame ping. */
        ping?: (longlink.Ping.$Properties|null);

        /** ClientFrame ack. */
        ack?: (longlink.Ack.$Properties|null);

        /** ClientFrame bindUser. */
        bindUser?: (longlink.BindUser.$Properties|null);

        /** ClientFrame unbindUser. */
        unbindUser?: (longlink.UnbindUser.$Properties|null);

        /** ClientFrame bindAlias. */
        bindAlias?: (longlink.BindAlias.$Properties|null);

        /** ClientFrame unbindAlias. */
        unbindAlias?: (longlink.UnbindAlias.$Properties|null);

        /** ClientFrame appState. */
        appState?: (longlink.AppState.$Properties|null);

        /** ClientFrame registerBiz. */
        registerBiz?: (longlink.RegisterBiz.$Properties|null);

        /** ClientFrame unregisterBiz. */
        unregisterBiz?: (longlink.UnregisterBiz.$Properties|null);

        /** ClientFrame reportToken. */
        reportToken?: (longlink.ReportToken.$Properties|null);

        /** ClientFrame reportEvent. */
        reportEvent?: (longlink.ReportEvent.$Properties|null);

        /** ClientFrame bye. */
        bye?: (longlink.Bye.$Properties|null);

        /** ClientFrame listAliases. */
        listAliases?: (longlink.ListAliases.$Properties|null);

        /** ClientFrame body. */
        body?: ("hello"|"ping"|"ack"|"bindUser"|"unbindUser"|"bindAlias"|"unbindAlias"|"appState"|"registerBiz"|"unregisterBiz"|"reportToken"|"reportEvent"|"bye"|"listAliases");

        /**
         * Creates a new ClientFrame instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ClientFrame instance
         */
        static create(properties: longlink.ClientFrame.$Shape): longlink.ClientFrame & longlink.ClientFrame.$Shape;
        static create(properties?: longlink.ClientFrame.$Properties): longlink.ClientFrame;

        /**
         * Encodes the specified ClientFrame message. Does not implicitly {@link longlink.ClientFrame.verify|verify} messages.
         * @param message ClientFrame message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.ClientFrame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ClientFrame message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.ClientFrame & longlink.ClientFrame.$Shape} ClientFrame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.ClientFrame & longlink.ClientFrame.$Shape;
    }

    namespace ClientFrame {

        /** Properties of a ClientFrame. */
        interface $Properties {

            /** ClientFrame hello */
            hello?: (longlink.Hello.$Properties|null);

            /** ClientFrame ping */
            ping?: (longlink.Ping.$Properties|null);

            /** ClientFrame ack */
            ack?: (longlink.Ack.$Properties|null);

            /** ClientFrame bindUser */
            bindUser?: (longlink.BindUser.$Properties|null);

            /** ClientFrame unbindUser */
            unbindUser?: (longlink.UnbindUser.$Properties|null);

            /** ClientFrame bindAlias */
            bindAlias?: (longlink.BindAlias.$Properties|null);

            /** ClientFrame unbindAlias */
            unbindAlias?: (longlink.UnbindAlias.$Properties|null);

            /** ClientFrame appState */
            appState?: (longlink.AppState.$Properties|null);

            /** ClientFrame registerBiz */
            registerBiz?: (longlink.RegisterBiz.$Properties|null);

            /** ClientFrame unregisterBiz */
            unregisterBiz?: (longlink.UnregisterBiz.$Properties|null);

            /** ClientFrame reportToken */
            reportToken?: (longlink.ReportToken.$Properties|null);

            /** ClientFrame reportEvent */
            reportEvent?: (longlink.ReportEvent.$Properties|null);

            /** ClientFrame bye */
            bye?: (longlink.Bye.$Properties|null);

            /** ClientFrame listAliases */
            listAliases?: (longlink.ListAliases.$Properties|null);

            /** ClientFrame body */
            body?: ("hello"|"ping"|"ack"|"bindUser"|"unbindUser"|"bindAlias"|"unbindAlias"|"appState"|"registerBiz"|"unregisterBiz"|"reportToken"|"reportEvent"|"bye"|"listAliases");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a ClientFrame. */
        type $Shape = {
          hello?: longlink.Hello.$Shape|null;
          ping?: longlink.Ping.$Shape|null;
          ack?: longlink.Ack.$Shape|null;
          bindUser?: longlink.BindUser.$Shape|null;
          unbindUser?: longlink.UnbindUser.$Shape|null;
          bindAlias?: longlink.BindAlias.$Shape|null;
          unbindAlias?: longlink.UnbindAlias.$Shape|null;
          appState?: longlink.AppState.$Shape|null;
          registerBiz?: longlink.RegisterBiz.$Shape|null;
          unregisterBiz?: longlink.UnregisterBiz.$Shape|null;
          reportToken?: longlink.ReportToken.$Shape|null;
          reportEvent?: longlink.ReportEvent.$Shape|null;
          bye?: longlink.Bye.$Shape|null;
          listAliases?: longlink.ListAliases.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "hello"; hello: longlink.Hello.$Shape; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "ping"; hello?: null; ping: longlink.Ping.$Shape; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "ack"; hello?: null; ping?: null; ack: longlink.Ack.$Shape; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "bindUser"; hello?: null; ping?: null; ack?: null; bindUser: longlink.BindUser.$Shape; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unbindUser"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser: longlink.UnbindUser.$Shape; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "bindAlias"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias: longlink.BindAlias.$Shape; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unbindAlias"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias: longlink.UnbindAlias.$Shape; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "appState"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState: longlink.AppState.$Shape; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "registerBiz"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz: longlink.RegisterBiz.$Shape; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "unregisterBiz"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz: longlink.UnregisterBiz.$Shape; reportToken?: null; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "reportToken"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken: longlink.ReportToken.$Shape; reportEvent?: null; bye?: null; listAliases?: null }|{ body?: "reportEvent"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent: longlink.ReportEvent.$Shape; bye?: null; listAliases?: null }|{ body?: "bye"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye: longlink.Bye.$Shape; listAliases?: null }|{ body?: "listAliases"; hello?: null; ping?: null; ack?: null; bindUser?: null; unbindUser?: null; bindAlias?: null; unbindAlias?: null; appState?: null; registerBiz?: null; unregisterBiz?: null; reportToken?: null; reportEvent?: null; bye?: null; listAliases: longlink.ListAliases.$Shape })
        );
    }

    /**
     * Properties of a ServerFrame.
     * @deprecated Use longlink.ServerFrame.$Properties instead.
     */
    interface IServerFrame extends longlink.ServerFrame.$Properties {
    }

    /** Represents a ServerFrame. */
    class ServerFrame {

        /**
         * Constructs a new ServerFrame.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.ServerFrame.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ServerFrame welcome. */
        welcome?: (longlink.Welcome.$Properties|null);

        /** ServerFrame pong. */
        pong?: (longlink.Pong.$Properties|null);

        /** ServerFrame sync. */
        sync?: (longlink.Sync.$Properties|null);

        /** ServerFrame push. */
        push?: (longlink.Push.$Properties|null);

        /** ServerFrame revoke. */
        revoke?: (longlink.Revoke.$Properties|null);

        /** ServerFrame result. */
        result?: (longlink.Result.$Properties|null);

        /** ServerFrame kick. */
        kick?: (longlink.Kick.$Properties|null);

        /** ServerFrame command. */
        command?: (longlink.Command.$Properties|null);

        /** ServerFrame body. */
        body?: ("welcome"|"pong"|"sync"|"push"|"revoke"|"result"|"kick"|"command");

        /**
         * Creates a new ServerFrame instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ServerFrame instance
         */
        static create(properties: longlink.ServerFrame.$Shape): longlink.ServerFrame & longlink.ServerFrame.$Shape;
        static create(properties?: longlink.ServerFrame.$Properties): longlink.ServerFrame;

        /**
         * Encodes the specified ServerFrame message. Does not implicitly {@link longlink.ServerFrame.verify|verify} messages.
         * @param message ServerFrame message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.ServerFrame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ServerFrame message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.ServerFrame & longlink.ServerFrame.$Shape} ServerFrame
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.ServerFrame & longlink.ServerFrame.$Shape;
    }

    namespace ServerFrame {

        /** Properties of a ServerFrame. */
        interface $Properties {

            /** ServerFrame welcome */
            welcome?: (longlink.Welcome.$Properties|null);

            /** ServerFrame pong */
            pong?: (longlink.Pong.$Properties|null);

            /** ServerFrame sync */
            sync?: (longlink.Sync.$Properties|null);

            /** ServerFrame push */
            push?: (longlink.Push.$Properties|null);

            /** ServerFrame revoke */
            revoke?: (longlink.Revoke.$Properties|null);

            /** ServerFrame result */
            result?: (longlink.Result.$Properties|null);

            /** ServerFrame kick */
            kick?: (longlink.Kick.$Properties|null);

            /** ServerFrame command */
            command?: (longlink.Command.$Properties|null);

            /** ServerFrame body */
            body?: ("welcome"|"pong"|"sync"|"push"|"revoke"|"result"|"kick"|"command");

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Narrowed shape of a ServerFrame. */
        type $Shape = {
          welcome?: longlink.Welcome.$Shape|null;
          pong?: longlink.Pong.$Shape|null;
          sync?: longlink.Sync.$Shape|null;
          push?: longlink.Push.$Shape|null;
          revoke?: longlink.Revoke.$Shape|null;
          result?: longlink.Result.$Shape|null;
          kick?: longlink.Kick.$Shape|null;
          command?: longlink.Command.$Shape|null;
          $unknowns?: Uint8Array[];
        } & (
          ({ body?: undefined; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "welcome"; welcome: longlink.Welcome.$Shape; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "pong"; welcome?: null; pong: longlink.Pong.$Shape; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "sync"; welcome?: null; pong?: null; sync: longlink.Sync.$Shape; push?: null; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "push"; welcome?: null; pong?: null; sync?: null; push: longlink.Push.$Shape; revoke?: null; result?: null; kick?: null; command?: null }|{ body?: "revoke"; welcome?: null; pong?: null; sync?: null; push?: null; revoke: longlink.Revoke.$Shape; result?: null; kick?: null; command?: null }|{ body?: "result"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result: longlink.Result.$Shape; kick?: null; command?: null }|{ body?: "kick"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick: longlink.Kick.$Shape; command?: null }|{ body?: "command"; welcome?: null; pong?: null; sync?: null; push?: null; revoke?: null; result?: null; kick?: null; command: longlink.Command.$Shape })
        );
    }

    /** OwnerKind enum. */
    enum OwnerKind {

        /** OWNER_UNSPECIFIED value */
        OWNER_UNSPECIFIED = 0,

        /** OWNER_USER value */
        OWNER_USER = 1,

        /** OWNER_DEVICE value */
        OWNER_DEVICE = 2,

        /** OWNER_TOKEN value */
        OWNER_TOKEN = 3,

        /** OWNER_GLOBAL value */
        OWNER_GLOBAL = 4,

        /** OWNER_GLOBAL_USER value */
        OWNER_GLOBAL_USER = 5
    }

    /**
     * Properties of a SyncPoint.
     * @deprecated Use longlink.SyncPoint.$Properties instead.
     */
    interface ISyncPoint extends longlink.SyncPoint.$Properties {
    }

    /** Represents a SyncPoint. */
    class SyncPoint {

        /**
         * Constructs a new SyncPoint.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.SyncPoint.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** SyncPoint owner. */
        owner: longlink.OwnerKind;

        /** SyncPoint bizType. */
        bizType: string;

        /** SyncPoint point. */
        point: (number|Long);

        /**
         * Creates a new SyncPoint instance using the specified properties.
         * @param [properties] Properties to set
         * @returns SyncPoint instance
         */
        static create(properties: longlink.SyncPoint.$Shape): longlink.SyncPoint & longlink.SyncPoint.$Shape;
        static create(properties?: longlink.SyncPoint.$Properties): longlink.SyncPoint;

        /**
         * Encodes the specified SyncPoint message. Does not implicitly {@link longlink.SyncPoint.verify|verify} messages.
         * @param message SyncPoint message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.SyncPoint.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a SyncPoint message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.SyncPoint & longlink.SyncPoint.$Shape} SyncPoint
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.SyncPoint & longlink.SyncPoint.$Shape;
    }

    namespace SyncPoint {

        /** Properties of a SyncPoint. */
        interface $Properties {

            /** SyncPoint owner */
            owner?: (longlink.OwnerKind|null);

            /** SyncPoint bizType */
            bizType?: (string|null);

            /** SyncPoint point */
            point?: (number|Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a SyncPoint. */
        type $Shape = longlink.SyncPoint.$Properties;
    }

    /**
     * Properties of a Hello.
     * @deprecated Use longlink.Hello.$Properties instead.
     */
    interface IHello extends longlink.Hello.$Properties {
    }

    /** Represents a Hello. */
    class Hello {

        /**
         * Constructs a new Hello.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Hello.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Hello protocol. */
        protocol: number;

        /** Hello appId. */
        appId: string;

        /** Hello workspaceId. */
        workspaceId: string;

        /** Hello deviceId. */
        deviceId: string;

        /** Hello adToken. */
        adToken: string;

        /** Hello deviceKey. */
        deviceKey: Uint8Array;

        /** Hello userId. */
        userId: string;

        /** Hello sessionId. */
        sessionId: string;

        /** Hello os. */
        os: string;

        /** Hello appVersion. */
        appVersion: string;

        /** Hello foreground. */
        foreground: boolean;

        /** Hello capabilities. */
        capabilities: string[];

        /** Hello heartbeatSec. */
        heartbeatSec: number;

        /** Hello syncPoints. */
        syncPoints: longlink.SyncPoint.$Properties[];

        /** Hello model. */
        model: string;

        /** Hello sdkVersion. */
        sdkVersion: string;

        /**
         * Creates a new Hello instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Hello instance
         */
        static create(properties: longlink.Hello.$Shape): longlink.Hello & longlink.Hello.$Shape;
        static create(properties?: longlink.Hello.$Properties): longlink.Hello;

        /**
         * Encodes the specified Hello message. Does not implicitly {@link longlink.Hello.verify|verify} messages.
         * @param message Hello message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Hello message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Hello & longlink.Hello.$Shape} Hello
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Hello & longlink.Hello.$Shape;
    }

    namespace Hello {

        /** Properties of a Hello. */
        interface $Properties {

            /** Hello protocol */
            protocol?: (number|null);

            /** Hello appId */
            appId?: (string|null);

            /** Hello workspaceId */
            workspaceId?: (string|null);

            /** Hello deviceId */
            deviceId?: (string|null);

            /** Hello adToken */
            adToken?: (string|null);

            /** Hello deviceKey */
            deviceKey?: (Uint8Array|null);

            /** Hello userId */
            userId?: (string|null);

            /** Hello sessionId */
            sessionId?: (string|null);

            /** Hello os */
            os?: (string|null);

            /** Hello appVersion */
            appVersion?: (string|null);

            /** Hello foreground */
            foreground?: (boolean|null);

            /** Hello capabilities */
            capabilities?: (string[]|null);

            /** Hello heartbeatSec */
            heartbeatSec?: (number|null);

            /** Hello syncPoints */
            syncPoints?: (longlink.SyncPoint.$Properties[]|null);

            /** Hello model */
            model?: (string|null);

            /** Hello sdkVersion */
            sdkVersion?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Hello. */
        type $Shape = longlink.Hello.$Properties;
    }

    /**
     * Properties of a Welcome.
     * @deprecated Use longlink.Welcome.$Properties instead.
     */
    interface IWelcome extends longlink.Welcome.$Properties {
    }

    /** Represents a Welcome. */
    class Welcome {

        /**
         * Constructs a new Welcome.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Welcome.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Welcome session. */
        session: (number|Long);

        /** Welcome adToken. */
        adToken: string;

        /** Welcome deviceKey. */
        deviceKey: Uint8Array;

        /** Welcome heartbeatSec. */
        heartbeatSec: number;

        /** Welcome serverTimeMs. */
        serverTimeMs: (number|Long);

        /** Welcome correctedPoints. */
        correctedPoints: longlink.SyncPoint.$Properties[];

        /** Welcome bindSeq. */
        bindSeq: number;

        /** Welcome maxFrameBytes. */
        maxFrameBytes: number;

        /** Welcome userBound. */
        userBound: boolean;

        /** Welcome result. */
        result: string;

        /** Welcome boundUser. */
        boundUser: string;

        /**
         * Creates a new Welcome instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Welcome instance
         */
        static create(properties: longlink.Welcome.$Shape): longlink.Welcome & longlink.Welcome.$Shape;
        static create(properties?: longlink.Welcome.$Properties): longlink.Welcome;

        /**
         * Encodes the specified Welcome message. Does not implicitly {@link longlink.Welcome.verify|verify} messages.
         * @param message Welcome message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Welcome message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Welcome & longlink.Welcome.$Shape} Welcome
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Welcome & longlink.Welcome.$Shape;
    }

    namespace Welcome {

        /** Properties of a Welcome. */
        interface $Properties {

            /** Welcome session */
            session?: (number|Long|null);

            /** Welcome adToken */
            adToken?: (string|null);

            /** Welcome deviceKey */
            deviceKey?: (Uint8Array|null);

            /** Welcome heartbeatSec */
            heartbeatSec?: (number|null);

            /** Welcome serverTimeMs */
            serverTimeMs?: (number|Long|null);

            /** Welcome correctedPoints */
            correctedPoints?: (longlink.SyncPoint.$Properties[]|null);

            /** Welcome bindSeq */
            bindSeq?: (number|null);

            /** Welcome maxFrameBytes */
            maxFrameBytes?: (number|null);

            /** Welcome userBound */
            userBound?: (boolean|null);

            /** Welcome result */
            result?: (string|null);

            /** Welcome boundUser */
            boundUser?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Welcome. */
        type $Shape = longlink.Welcome.$Properties;
    }

    /**
     * Properties of a Ping.
     * @deprecated Use longlink.Ping.$Properties instead.
     */
    interface IPing extends longlink.Ping.$Properties {
    }

    /** Represents a Ping. */
    class Ping {

        /**
         * Constructs a new Ping.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Ping.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Ping clientTimeMs. */
        clientTimeMs: (number|Long);

        /**
         * Creates a new Ping instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Ping instance
         */
        static create(properties: longlink.Ping.$Shape): longlink.Ping & longlink.Ping.$Shape;
        static create(properties?: longlink.Ping.$Properties): longlink.Ping;

        /**
         * Encodes the specified Ping message. Does not implicitly {@link longlink.Ping.verify|verify} messages.
         * @param message Ping message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Ping message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Ping & longlink.Ping.$Shape} Ping
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Ping & longlink.Ping.$Shape;
    }

    namespace Ping {

        /** Properties of a Ping. */
        interface $Properties {

            /** Ping clientTimeMs */
            clientTimeMs?: (number|Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Ping. */
        type $Shape = longlink.Ping.$Properties;
    }

    /**
     * Properties of a Pong.
     * @deprecated Use longlink.Pong.$Properties instead.
     */
    interface IPong extends longlink.Pong.$Properties {
    }

    /** Represents a Pong. */
    class Pong {

        /**
         * Constructs a new Pong.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Pong.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Pong clientTimeMs. */
        clientTimeMs: (number|Long);

        /** Pong serverTimeMs. */
        serverTimeMs: (number|Long);

        /**
         * Creates a new Pong instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Pong instance
         */
        static create(properties: longlink.Pong.$Shape): longlink.Pong & longlink.Pong.$Shape;
        static create(properties?: longlink.Pong.$Properties): longlink.Pong;

        /**
         * Encodes the specified Pong message. Does not implicitly {@link longlink.Pong.verify|verify} messages.
         * @param message Pong message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Pong.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Pong message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Pong & longlink.Pong.$Shape} Pong
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Pong & longlink.Pong.$Shape;
    }

    namespace Pong {

        /** Properties of a Pong. */
        interface $Properties {

            /** Pong clientTimeMs */
            clientTimeMs?: (number|Long|null);

            /** Pong serverTimeMs */
            serverTimeMs?: (number|Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Pong. */
        type $Shape = longlink.Pong.$Properties;
    }

    /**
     * Properties of an Oplog.
     * @deprecated Use longlink.Oplog.$Properties instead.
     */
    interface IOplog extends longlink.Oplog.$Properties {
    }

    /** Represents an Oplog. */
    class Oplog {

        /**
         * Constructs a new Oplog.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Oplog.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Oplog id. */
        id: (number|Long);

        /** Oplog payload. */
        payload: Uint8Array;

        /** Oplog binary. */
        binary: boolean;

        /** Oplog thirdMsgId. */
        thirdMsgId: string;

        /** Oplog acceptedMs. */
        acceptedMs: (number|Long);

        /**
         * Creates a new Oplog instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Oplog instance
         */
        static create(properties: longlink.Oplog.$Shape): longlink.Oplog & longlink.Oplog.$Shape;
        static create(properties?: longlink.Oplog.$Properties): longlink.Oplog;

        /**
         * Encodes the specified Oplog message. Does not implicitly {@link longlink.Oplog.verify|verify} messages.
         * @param message Oplog message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Oplog.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Oplog message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Oplog & longlink.Oplog.$Shape} Oplog
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Oplog & longlink.Oplog.$Shape;
    }

    namespace Oplog {

        /** Properties of an Oplog. */
        interface $Properties {

            /** Oplog id */
            id?: (number|Long|null);

            /** Oplog payload */
            payload?: (Uint8Array|null);

            /** Oplog binary */
            binary?: (boolean|null);

            /** Oplog thirdMsgId */
            thirdMsgId?: (string|null);

            /** Oplog acceptedMs */
            acceptedMs?: (number|Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Oplog. */
        type $Shape = longlink.Oplog.$Properties;
    }

    /**
     * Properties of a Sync.
     * @deprecated Use longlink.Sync.$Properties instead.
     */
    interface ISync extends longlink.Sync.$Properties {
    }

    /** Represents a Sync. */
    class Sync {

        /**
         * Constructs a new Sync.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Sync.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Sync owner. */
        owner: longlink.OwnerKind;

        /** Sync bizType. */
        bizType: string;

        /** Sync bindSeq. */
        bindSeq: number;

        /** Sync from. */
        from: (number|Long);

        /** Sync through. */
        through: (number|Long);

        /** Sync oplogs. */
        oplogs: longlink.Oplog.$Properties[];

        /** Sync transient. */
        transient: boolean;

        /** Sync late. */
        late: boolean;

        /** Sync serverPoint. */
        serverPoint: boolean;

        /**
         * Creates a new Sync instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Sync instance
         */
        static create(properties: longlink.Sync.$Shape): longlink.Sync & longlink.Sync.$Shape;
        static create(properties?: longlink.Sync.$Properties): longlink.Sync;

        /**
         * Encodes the specified Sync message. Does not implicitly {@link longlink.Sync.verify|verify} messages.
         * @param message Sync message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Sync.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Sync message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Sync & longlink.Sync.$Shape} Sync
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Sync & longlink.Sync.$Shape;
    }

    namespace Sync {

        /** Properties of a Sync. */
        interface $Properties {

            /** Sync owner */
            owner?: (longlink.OwnerKind|null);

            /** Sync bizType */
            bizType?: (string|null);

            /** Sync bindSeq */
            bindSeq?: (number|null);

            /** Sync from */
            from?: (number|Long|null);

            /** Sync through */
            through?: (number|Long|null);

            /** Sync oplogs */
            oplogs?: (longlink.Oplog.$Properties[]|null);

            /** Sync transient */
            transient?: (boolean|null);

            /** Sync late */
            late?: (boolean|null);

            /** Sync serverPoint */
            serverPoint?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Sync. */
        type $Shape = longlink.Sync.$Properties;
    }

    /**
     * Properties of an Ack.
     * @deprecated Use longlink.Ack.$Properties instead.
     */
    interface IAck extends longlink.Ack.$Properties {
    }

    /** Represents an Ack. */
    class Ack {

        /**
         * Constructs a new Ack.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Ack.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Ack owner. */
        owner: longlink.OwnerKind;

        /** Ack bizType. */
        bizType: string;

        /** Ack bindSeq. */
        bindSeq: number;

        /** Ack through. */
        through: (number|Long);

        /** Ack transient. */
        transient: boolean;

        /** Ack late. */
        late: boolean;

        /**
         * Creates a new Ack instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Ack instance
         */
        static create(properties: longlink.Ack.$Shape): longlink.Ack & longlink.Ack.$Shape;
        static create(properties?: longlink.Ack.$Properties): longlink.Ack;

        /**
         * Encodes the specified Ack message. Does not implicitly {@link longlink.Ack.verify|verify} messages.
         * @param message Ack message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an Ack message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Ack & longlink.Ack.$Shape} Ack
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Ack & longlink.Ack.$Shape;
    }

    namespace Ack {

        /** Properties of an Ack. */
        interface $Properties {

            /** Ack owner */
            owner?: (longlink.OwnerKind|null);

            /** Ack bizType */
            bizType?: (string|null);

            /** Ack bindSeq */
            bindSeq?: (number|null);

            /** Ack through */
            through?: (number|Long|null);

            /** Ack transient */
            transient?: (boolean|null);

            /** Ack late */
            late?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an Ack. */
        type $Shape = longlink.Ack.$Properties;
    }

    /**
     * Properties of a BindUser.
     * @deprecated Use longlink.BindUser.$Properties instead.
     */
    interface IBindUser extends longlink.BindUser.$Properties {
    }

    /** Represents a BindUser. */
    class BindUser {

        /**
         * Constructs a new BindUser.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.BindUser.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BindUser request. */
        request: number;

        /** BindUser userId. */
        userId: string;

        /** BindUser sessionId. */
        sessionId: string;

        /** BindUser syncPoints. */
        syncPoints: longlink.SyncPoint.$Properties[];

        /**
         * Creates a new BindUser instance using the specified properties.
         * @param [properties] Properties to set
         * @returns BindUser instance
         */
        static create(properties: longlink.BindUser.$Shape): longlink.BindUser & longlink.BindUser.$Shape;
        static create(properties?: longlink.BindUser.$Properties): longlink.BindUser;

        /**
         * Encodes the specified BindUser message. Does not implicitly {@link longlink.BindUser.verify|verify} messages.
         * @param message BindUser message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.BindUser.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BindUser message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.BindUser & longlink.BindUser.$Shape} BindUser
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.BindUser & longlink.BindUser.$Shape;
    }

    namespace BindUser {

        /** Properties of a BindUser. */
        interface $Properties {

            /** BindUser request */
            request?: (number|null);

            /** BindUser userId */
            userId?: (string|null);

            /** BindUser sessionId */
            sessionId?: (string|null);

            /** BindUser syncPoints */
            syncPoints?: (longlink.SyncPoint.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BindUser. */
        type $Shape = longlink.BindUser.$Properties;
    }

    /**
     * Properties of an UnbindUser.
     * @deprecated Use longlink.UnbindUser.$Properties instead.
     */
    interface IUnbindUser extends longlink.UnbindUser.$Properties {
    }

    /** Represents an UnbindUser. */
    class UnbindUser {

        /**
         * Constructs a new UnbindUser.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.UnbindUser.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** UnbindUser request. */
        request: number;

        /**
         * Creates a new UnbindUser instance using the specified properties.
         * @param [properties] Properties to set
         * @returns UnbindUser instance
         */
        static create(properties: longlink.UnbindUser.$Shape): longlink.UnbindUser & longlink.UnbindUser.$Shape;
        static create(properties?: longlink.UnbindUser.$Properties): longlink.UnbindUser;

        /**
         * Encodes the specified UnbindUser message. Does not implicitly {@link longlink.UnbindUser.verify|verify} messages.
         * @param message UnbindUser message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.UnbindUser.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an UnbindUser message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.UnbindUser & longlink.UnbindUser.$Shape} UnbindUser
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.UnbindUser & longlink.UnbindUser.$Shape;
    }

    namespace UnbindUser {

        /** Properties of an UnbindUser. */
        interface $Properties {

            /** UnbindUser request */
            request?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an UnbindUser. */
        type $Shape = longlink.UnbindUser.$Properties;
    }

    /**
     * Properties of a BindAlias.
     * @deprecated Use longlink.BindAlias.$Properties instead.
     */
    interface IBindAlias extends longlink.BindAlias.$Properties {
    }

    /** Represents a BindAlias. */
    class BindAlias {

        /**
         * Constructs a new BindAlias.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.BindAlias.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** BindAlias request. */
        request: number;

        /** BindAlias alias. */
        alias: string;

        /**
         * Creates a new BindAlias instance using the specified properties.
         * @param [properties] Properties to set
         * @returns BindAlias instance
         */
        static create(properties: longlink.BindAlias.$Shape): longlink.BindAlias & longlink.BindAlias.$Shape;
        static create(properties?: longlink.BindAlias.$Properties): longlink.BindAlias;

        /**
         * Encodes the specified BindAlias message. Does not implicitly {@link longlink.BindAlias.verify|verify} messages.
         * @param message BindAlias message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.BindAlias.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a BindAlias message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.BindAlias & longlink.BindAlias.$Shape} BindAlias
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.BindAlias & longlink.BindAlias.$Shape;
    }

    namespace BindAlias {

        /** Properties of a BindAlias. */
        interface $Properties {

            /** BindAlias request */
            request?: (number|null);

            /** BindAlias alias */
            alias?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a BindAlias. */
        type $Shape = longlink.BindAlias.$Properties;
    }

    /**
     * Properties of an UnbindAlias.
     * @deprecated Use longlink.UnbindAlias.$Properties instead.
     */
    interface IUnbindAlias extends longlink.UnbindAlias.$Properties {
    }

    /** Represents an UnbindAlias. */
    class UnbindAlias {

        /**
         * Constructs a new UnbindAlias.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.UnbindAlias.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** UnbindAlias request. */
        request: number;

        /** UnbindAlias alias. */
        alias: string;

        /**
         * Creates a new UnbindAlias instance using the specified properties.
         * @param [properties] Properties to set
         * @returns UnbindAlias instance
         */
        static create(properties: longlink.UnbindAlias.$Shape): longlink.UnbindAlias & longlink.UnbindAlias.$Shape;
        static create(properties?: longlink.UnbindAlias.$Properties): longlink.UnbindAlias;

        /**
         * Encodes the specified UnbindAlias message. Does not implicitly {@link longlink.UnbindAlias.verify|verify} messages.
         * @param message UnbindAlias message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.UnbindAlias.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an UnbindAlias message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.UnbindAlias & longlink.UnbindAlias.$Shape} UnbindAlias
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.UnbindAlias & longlink.UnbindAlias.$Shape;
    }

    namespace UnbindAlias {

        /** Properties of an UnbindAlias. */
        interface $Properties {

            /** UnbindAlias request */
            request?: (number|null);

            /** UnbindAlias alias */
            alias?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an UnbindAlias. */
        type $Shape = longlink.UnbindAlias.$Properties;
    }

    /**
     * Properties of a ListAliases.
     * @deprecated Use longlink.ListAliases.$Properties instead.
     */
    interface IListAliases extends longlink.ListAliases.$Properties {
    }

    /** Represents a ListAliases. */
    class ListAliases {

        /**
         * Constructs a new ListAliases.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.ListAliases.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ListAliases request. */
        request: number;

        /**
         * Creates a new ListAliases instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ListAliases instance
         */
        static create(properties: longlink.ListAliases.$Shape): longlink.ListAliases & longlink.ListAliases.$Shape;
        static create(properties?: longlink.ListAliases.$Properties): longlink.ListAliases;

        /**
         * Encodes the specified ListAliases message. Does not implicitly {@link longlink.ListAliases.verify|verify} messages.
         * @param message ListAliases message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.ListAliases.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ListAliases message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.ListAliases & longlink.ListAliases.$Shape} ListAliases
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.ListAliases & longlink.ListAliases.$Shape;
    }

    namespace ListAliases {

        /** Properties of a ListAliases. */
        interface $Properties {

            /** ListAliases request */
            request?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ListAliases. */
        type $Shape = longlink.ListAliases.$Properties;
    }

    /**
     * Properties of an AppState.
     * @deprecated Use longlink.AppState.$Properties instead.
     */
    interface IAppState extends longlink.AppState.$Properties {
    }

    /** Represents an AppState. */
    class AppState {

        /**
         * Constructs a new AppState.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.AppState.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** AppState foreground. */
        foreground: boolean;

        /**
         * Creates a new AppState instance using the specified properties.
         * @param [properties] Properties to set
         * @returns AppState instance
         */
        static create(properties: longlink.AppState.$Shape): longlink.AppState & longlink.AppState.$Shape;
        static create(properties?: longlink.AppState.$Properties): longlink.AppState;

        /**
         * Encodes the specified AppState message. Does not implicitly {@link longlink.AppState.verify|verify} messages.
         * @param message AppState message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.AppState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an AppState message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.AppState & longlink.AppState.$Shape} AppState
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.AppState & longlink.AppState.$Shape;
    }

    namespace AppState {

        /** Properties of an AppState. */
        interface $Properties {

            /** AppState foreground */
            foreground?: (boolean|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an AppState. */
        type $Shape = longlink.AppState.$Properties;
    }

    /**
     * Properties of a RegisterBiz.
     * @deprecated Use longlink.RegisterBiz.$Properties instead.
     */
    interface IRegisterBiz extends longlink.RegisterBiz.$Properties {
    }

    /** Represents a RegisterBiz. */
    class RegisterBiz {

        /**
         * Constructs a new RegisterBiz.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.RegisterBiz.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** RegisterBiz request. */
        request: number;

        /** RegisterBiz syncPoints. */
        syncPoints: longlink.SyncPoint.$Properties[];

        /**
         * Creates a new RegisterBiz instance using the specified properties.
         * @param [properties] Properties to set
         * @returns RegisterBiz instance
         */
        static create(properties: longlink.RegisterBiz.$Shape): longlink.RegisterBiz & longlink.RegisterBiz.$Shape;
        static create(properties?: longlink.RegisterBiz.$Properties): longlink.RegisterBiz;

        /**
         * Encodes the specified RegisterBiz message. Does not implicitly {@link longlink.RegisterBiz.verify|verify} messages.
         * @param message RegisterBiz message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.RegisterBiz.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a RegisterBiz message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.RegisterBiz & longlink.RegisterBiz.$Shape} RegisterBiz
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.RegisterBiz & longlink.RegisterBiz.$Shape;
    }

    namespace RegisterBiz {

        /** Properties of a RegisterBiz. */
        interface $Properties {

            /** RegisterBiz request */
            request?: (number|null);

            /** RegisterBiz syncPoints */
            syncPoints?: (longlink.SyncPoint.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a RegisterBiz. */
        type $Shape = longlink.RegisterBiz.$Properties;
    }

    /**
     * Properties of an UnregisterBiz.
     * @deprecated Use longlink.UnregisterBiz.$Properties instead.
     */
    interface IUnregisterBiz extends longlink.UnregisterBiz.$Properties {
    }

    /** Represents an UnregisterBiz. */
    class UnregisterBiz {

        /**
         * Constructs a new UnregisterBiz.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.UnregisterBiz.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** UnregisterBiz request. */
        request: number;

        /** UnregisterBiz bizTypes. */
        bizTypes: string[];

        /**
         * Creates a new UnregisterBiz instance using the specified properties.
         * @param [properties] Properties to set
         * @returns UnregisterBiz instance
         */
        static create(properties: longlink.UnregisterBiz.$Shape): longlink.UnregisterBiz & longlink.UnregisterBiz.$Shape;
        static create(properties?: longlink.UnregisterBiz.$Properties): longlink.UnregisterBiz;

        /**
         * Encodes the specified UnregisterBiz message. Does not implicitly {@link longlink.UnregisterBiz.verify|verify} messages.
         * @param message UnregisterBiz message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.UnregisterBiz.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes an UnregisterBiz message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.UnregisterBiz & longlink.UnregisterBiz.$Shape} UnregisterBiz
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.UnregisterBiz & longlink.UnregisterBiz.$Shape;
    }

    namespace UnregisterBiz {

        /** Properties of an UnregisterBiz. */
        interface $Properties {

            /** UnregisterBiz request */
            request?: (number|null);

            /** UnregisterBiz bizTypes */
            bizTypes?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of an UnregisterBiz. */
        type $Shape = longlink.UnregisterBiz.$Properties;
    }

    /**
     * Properties of a ReportToken.
     * @deprecated Use longlink.ReportToken.$Properties instead.
     */
    interface IReportToken extends longlink.ReportToken.$Properties {
    }

    /** Represents a ReportToken. */
    class ReportToken {

        /**
         * Constructs a new ReportToken.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.ReportToken.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReportToken request. */
        request: number;

        /** ReportToken vendor. */
        vendor: string;

        /** ReportToken vendorToken. */
        vendorToken: string;

        /** ReportToken appVersion. */
        appVersion: string;

        /** ReportToken model. */
        model: string;

        /**
         * Creates a new ReportToken instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ReportToken instance
         */
        static create(properties: longlink.ReportToken.$Shape): longlink.ReportToken & longlink.ReportToken.$Shape;
        static create(properties?: longlink.ReportToken.$Properties): longlink.ReportToken;

        /**
         * Encodes the specified ReportToken message. Does not implicitly {@link longlink.ReportToken.verify|verify} messages.
         * @param message ReportToken message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.ReportToken.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReportToken message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.ReportToken & longlink.ReportToken.$Shape} ReportToken
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.ReportToken & longlink.ReportToken.$Shape;
    }

    namespace ReportToken {

        /** Properties of a ReportToken. */
        interface $Properties {

            /** ReportToken request */
            request?: (number|null);

            /** ReportToken vendor */
            vendor?: (string|null);

            /** ReportToken vendorToken */
            vendorToken?: (string|null);

            /** ReportToken appVersion */
            appVersion?: (string|null);

            /** ReportToken model */
            model?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReportToken. */
        type $Shape = longlink.ReportToken.$Properties;
    }

    /**
     * Properties of a ReportEvent.
     * @deprecated Use longlink.ReportEvent.$Properties instead.
     */
    interface IReportEvent extends longlink.ReportEvent.$Properties {
    }

    /** Represents a ReportEvent. */
    class ReportEvent {

        /**
         * Constructs a new ReportEvent.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.ReportEvent.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** ReportEvent request. */
        request: number;

        /** ReportEvent kind. */
        kind: string;

        /** ReportEvent messageId. */
        messageId: string;

        /** ReportEvent atMs. */
        atMs: (number|Long);

        /**
         * Creates a new ReportEvent instance using the specified properties.
         * @param [properties] Properties to set
         * @returns ReportEvent instance
         */
        static create(properties: longlink.ReportEvent.$Shape): longlink.ReportEvent & longlink.ReportEvent.$Shape;
        static create(properties?: longlink.ReportEvent.$Properties): longlink.ReportEvent;

        /**
         * Encodes the specified ReportEvent message. Does not implicitly {@link longlink.ReportEvent.verify|verify} messages.
         * @param message ReportEvent message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.ReportEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a ReportEvent message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.ReportEvent & longlink.ReportEvent.$Shape} ReportEvent
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.ReportEvent & longlink.ReportEvent.$Shape;
    }

    namespace ReportEvent {

        /** Properties of a ReportEvent. */
        interface $Properties {

            /** ReportEvent request */
            request?: (number|null);

            /** ReportEvent kind */
            kind?: (string|null);

            /** ReportEvent messageId */
            messageId?: (string|null);

            /** ReportEvent atMs */
            atMs?: (number|Long|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a ReportEvent. */
        type $Shape = longlink.ReportEvent.$Properties;
    }

    /**
     * Properties of a Bye.
     * @deprecated Use longlink.Bye.$Properties instead.
     */
    interface IBye extends longlink.Bye.$Properties {
    }

    /** Represents a Bye. */
    class Bye {

        /**
         * Constructs a new Bye.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Bye.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Bye reason. */
        reason: string;

        /**
         * Creates a new Bye instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Bye instance
         */
        static create(properties: longlink.Bye.$Shape): longlink.Bye & longlink.Bye.$Shape;
        static create(properties?: longlink.Bye.$Properties): longlink.Bye;

        /**
         * Encodes the specified Bye message. Does not implicitly {@link longlink.Bye.verify|verify} messages.
         * @param message Bye message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Bye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Bye message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Bye & longlink.Bye.$Shape} Bye
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Bye & longlink.Bye.$Shape;
    }

    namespace Bye {

        /** Properties of a Bye. */
        interface $Properties {

            /** Bye reason */
            reason?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Bye. */
        type $Shape = longlink.Bye.$Properties;
    }

    /**
     * Properties of a Push.
     * @deprecated Use longlink.Push.$Properties instead.
     */
    interface IPush extends longlink.Push.$Properties {
    }

    /** Represents a Push. */
    class Push {

        /**
         * Constructs a new Push.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Push.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Push owner. */
        owner: longlink.OwnerKind;

        /** Push bindSeq. */
        bindSeq: number;

        /** Push from. */
        from: (number|Long);

        /** Push through. */
        through: (number|Long);

        /** Push oplogs. */
        oplogs: longlink.Oplog.$Properties[];

        /**
         * Creates a new Push instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Push instance
         */
        static create(properties: longlink.Push.$Shape): longlink.Push & longlink.Push.$Shape;
        static create(properties?: longlink.Push.$Properties): longlink.Push;

        /**
         * Encodes the specified Push message. Does not implicitly {@link longlink.Push.verify|verify} messages.
         * @param message Push message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Push.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Push message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Push & longlink.Push.$Shape} Push
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Push & longlink.Push.$Shape;
    }

    namespace Push {

        /** Properties of a Push. */
        interface $Properties {

            /** Push owner */
            owner?: (longlink.OwnerKind|null);

            /** Push bindSeq */
            bindSeq?: (number|null);

            /** Push from */
            from?: (number|Long|null);

            /** Push through */
            through?: (number|Long|null);

            /** Push oplogs */
            oplogs?: (longlink.Oplog.$Properties[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Push. */
        type $Shape = longlink.Push.$Properties;
    }

    /**
     * Properties of a Revoke.
     * @deprecated Use longlink.Revoke.$Properties instead.
     */
    interface IRevoke extends longlink.Revoke.$Properties {
    }

    /** Represents a Revoke. */
    class Revoke {

        /**
         * Constructs a new Revoke.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Revoke.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Revoke messageIds. */
        messageIds: string[];

        /** Revoke owner. */
        owner: longlink.OwnerKind;

        /** Revoke bizType. */
        bizType: string;

        /** Revoke bindSeq. */
        bindSeq: number;

        /**
         * Creates a new Revoke instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Revoke instance
         */
        static create(properties: longlink.Revoke.$Shape): longlink.Revoke & longlink.Revoke.$Shape;
        static create(properties?: longlink.Revoke.$Properties): longlink.Revoke;

        /**
         * Encodes the specified Revoke message. Does not implicitly {@link longlink.Revoke.verify|verify} messages.
         * @param message Revoke message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Revoke.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Revoke message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Revoke & longlink.Revoke.$Shape} Revoke
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Revoke & longlink.Revoke.$Shape;
    }

    namespace Revoke {

        /** Properties of a Revoke. */
        interface $Properties {

            /** Revoke messageIds */
            messageIds?: (string[]|null);

            /** Revoke owner */
            owner?: (longlink.OwnerKind|null);

            /** Revoke bizType */
            bizType?: (string|null);

            /** Revoke bindSeq */
            bindSeq?: (number|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Revoke. */
        type $Shape = longlink.Revoke.$Properties;
    }

    /**
     * Properties of a Result.
     * @deprecated Use longlink.Result.$Properties instead.
     */
    interface IResult extends longlink.Result.$Properties {
    }

    /** Represents a Result. */
    class Result {

        /**
         * Constructs a new Result.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Result.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Result request. */
        request: number;

        /** Result code. */
        code: string;

        /** Result message. */
        message: string;

        /** Result bindSeq. */
        bindSeq: number;

        /** Result correctedPoints. */
        correctedPoints: longlink.SyncPoint.$Properties[];

        /** Result names. */
        names: string[];

        /**
         * Creates a new Result instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Result instance
         */
        static create(properties: longlink.Result.$Shape): longlink.Result & longlink.Result.$Shape;
        static create(properties?: longlink.Result.$Properties): longlink.Result;

        /**
         * Encodes the specified Result message. Does not implicitly {@link longlink.Result.verify|verify} messages.
         * @param message Result message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Result.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Result message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Result & longlink.Result.$Shape} Result
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Result & longlink.Result.$Shape;
    }

    namespace Result {

        /** Properties of a Result. */
        interface $Properties {

            /** Result request */
            request?: (number|null);

            /** Result code */
            code?: (string|null);

            /** Result message */
            message?: (string|null);

            /** Result bindSeq */
            bindSeq?: (number|null);

            /** Result correctedPoints */
            correctedPoints?: (longlink.SyncPoint.$Properties[]|null);

            /** Result names */
            names?: (string[]|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Result. */
        type $Shape = longlink.Result.$Properties;
    }

    /**
     * Properties of a Kick.
     * @deprecated Use longlink.Kick.$Properties instead.
     */
    interface IKick extends longlink.Kick.$Properties {
    }

    /** Represents a Kick. */
    class Kick {

        /**
         * Constructs a new Kick.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Kick.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Kick code. */
        code: number;

        /** Kick reason. */
        reason: string;

        /** Kick retryAfterMs. */
        retryAfterMs: number;

        /** Kick redirect. */
        redirect: string;

        /**
         * Creates a new Kick instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Kick instance
         */
        static create(properties: longlink.Kick.$Shape): longlink.Kick & longlink.Kick.$Shape;
        static create(properties?: longlink.Kick.$Properties): longlink.Kick;

        /**
         * Encodes the specified Kick message. Does not implicitly {@link longlink.Kick.verify|verify} messages.
         * @param message Kick message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Kick.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Kick message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Kick & longlink.Kick.$Shape} Kick
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Kick & longlink.Kick.$Shape;
    }

    namespace Kick {

        /** Properties of a Kick. */
        interface $Properties {

            /** Kick code */
            code?: (number|null);

            /** Kick reason */
            reason?: (string|null);

            /** Kick retryAfterMs */
            retryAfterMs?: (number|null);

            /** Kick redirect */
            redirect?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Kick. */
        type $Shape = longlink.Kick.$Properties;
    }

    /**
     * Properties of a Command.
     * @deprecated Use longlink.Command.$Properties instead.
     */
    interface ICommand extends longlink.Command.$Properties {
    }

    /** Represents a Command. */
    class Command {

        /**
         * Constructs a new Command.
         * @param [properties] Properties to set
         */
        constructor(properties?: longlink.Command.$Properties);

        /** Unknown fields preserved while decoding when enabled */
        $unknowns?: Uint8Array[];

        /** Command name. */
        name: string;

        /** Command body. */
        body: string;

        /**
         * Creates a new Command instance using the specified properties.
         * @param [properties] Properties to set
         * @returns Command instance
         */
        static create(properties: longlink.Command.$Shape): longlink.Command & longlink.Command.$Shape;
        static create(properties?: longlink.Command.$Properties): longlink.Command;

        /**
         * Encodes the specified Command message. Does not implicitly {@link longlink.Command.verify|verify} messages.
         * @param message Command message or plain object to encode
         * @param [writer] Writer to encode to
         * @returns Writer
         */
        static encode(message: longlink.Command.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

        /**
         * Decodes a Command message from the specified reader or buffer.
         * @param reader Reader or buffer to decode from
         * @param [length] Message length if known beforehand
         * @returns {longlink.Command & longlink.Command.$Shape} Command
         * @throws {Error} If the payload is not a reader or valid buffer
         * @throws {$protobuf.util.ProtocolError} If required fields are missing
         */
        static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): longlink.Command & longlink.Command.$Shape;
    }

    namespace Command {

        /** Properties of a Command. */
        interface $Properties {

            /** Command name */
            name?: (string|null);

            /** Command body */
            body?: (string|null);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];
        }

        /** Shape of a Command. */
        type $Shape = longlink.Command.$Properties;
    }
}
