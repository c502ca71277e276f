//! From a message that asks to one that answers.

use std::io;
use std::net::IpAddr;

use hickory_proto::op::{Edns, Header, Message, MessageType, OpCode, ResponseCode};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};

use crate::zone::{Found, Zone};

/// The longest answer over UDP, in bytes, however much the client says that it takes: what passes without
/// being taken apart by the way (RFC 9715).
const MOST_OVER_UDP: u16 = 1232;

/// How an answer travels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Udp,
    Tcp,
}

/// Answers a message; with nothing, if it is no question at all.
pub(crate) fn answer(zone: &Zone, question: &[u8], asker: IpAddr, way: Way) -> Option<Vec<u8>> {
    // To answer an answer could go on for ever.
    let header = Header::read(&mut BinDecoder::new(question)).ok()?;
    if header.message_type() != MessageType::Query {
        return None;
    }
    let (response, most) = match Message::from_vec(question) {
        Ok(question) => (respond(zone, &question, asker), question.max_payload()),
        Err(_) => {
            let code = ResponseCode::FormErr;
            (Message::error_msg(header.id(), header.op_code(), code), MOST_OVER_UDP)
        }
    };
    let bytes = response.to_vec().ok()?;
    if way == Way::Tcp || bytes.len() <= usize::from(most.min(MOST_OVER_UDP)) {
        return Some(bytes);
    }
    // The client will come back by TCP.
    response.truncate().to_vec().ok()
}

fn respond(zone: &Zone, question: &Message, asker: IpAddr) -> Message {
    if question.op_code() != OpCode::Query {
        return Message::error_msg(question.id(), question.op_code(), ResponseCode::NotImp);
    }
    let mut response = Message::new();
    response
        .set_id(question.id())
        .set_message_type(MessageType::Response)
        .set_op_code(OpCode::Query)
        .set_recursion_desired(question.recursion_desired());
    if question.extensions().is_some() {
        let mut edns = Edns::new();
        edns.set_max_payload(MOST_OVER_UDP);
        response.set_edns(edns);
    }
    let [query] = question.queries() else {
        response.set_response_code(ResponseCode::FormErr);
        return response;
    };
    response.add_query(query.clone());
    let found = zone.find(query.name(), query.query_type(), asker);
    response.set_authoritative(!matches!(found, Found::Elsewhere));
    match found {
        Found::Records(records) => {
            response.add_answers(records);
        }
        Found::NoData => {
            response.add_name_server(zone.authority());
        }
        Found::NoName => {
            response.set_response_code(ResponseCode::NXDomain).add_name_server(zone.authority());
        }
        Found::Elsewhere => {
            response.set_response_code(ResponseCode::Refused);
        }
    }
    response
}

/// Reads a response, and says what is wrong with one that is none.
pub(crate) fn read_response(bytes: &[u8]) -> io::Result<Message> {
    Message::from_vec(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
